import { createCanonicaliser } from './canonical.ts';
import { createChooser, type Level } from './chooser.ts';
import type { FlatAutomaton, FlatSystem } from './flat-system.ts';
import { createStandingFutures } from './futures.ts';
import { createGlider } from './glide.ts';
import { type Field, writeField } from './layout.ts';
import { createLook } from './look.ts';
import { withPassages } from './passages.ts';
import { createReducer } from './reduce.ts';
import type { SearchOptions } from './search-options.ts';
import type { Sleep } from './sleep.ts';
import { stuckFinderOf } from './stuck-states.ts';

/** Is told what the steps of a state lead to. */
export interface Visitor {
  /** A step was taken from the state, or on a glide from it: its edge, numbered over all automata. */
  taken(edge: number): void;
  /** A step is a model error, or (`fits` is false) takes a cell out of its domain. False: that is enough. */
  broken(thread: number, edge: number, fits: boolean): boolean;
  /** Threads of the state that nothing can free; `wholly` when nothing moves at all. False: that is enough. */
  stuck(threads: readonly number[], wholly: boolean): boolean;
  /** A state to be stored, good until the next one is told; `asleep` are the threads that sleep in it. */
  reached(words: Int32Array, asleep: number): void;
}

/** Is told the same, by somebody who knows which states are stored. */
export interface Listener extends Visitor {
  /** Gives the number under which such a state is found from now on. */
  reached(words: Int32Array, asleep: number): number;
  /** A stored state was reached; of several, the one with the largest number. */
  met(id: number): void;
}

/**
 * Takes the steps of one state after the other. What it tells depends on nothing but the state, the threads that sleep in
 * it and whether its steps are fused: any thread may expand any state, in any order.
 */
export interface Expander {
  /** The state: to be written here before all else. */
  readonly words: Int32Array;
  /** Takes the state apart. `sleeping`: threads that sleep in it. `fusing`: its steps go on where there is one to take. */
  look(sleeping: number, fusing: boolean): void;
  /**
   * Takes the steps of a persistent set; undefined where nothing moves. Tells who is stuck then, and, if `looking`, also
   * while others go on.
   */
  expand(looking: boolean): Level | undefined;
  /** Takes the steps of a second persistent set; false when there is none. For a state of level 0. */
  widen(): boolean;
  /** Takes all steps that were left out at this level. */
  complete(level: Level): void;
  /** Takes steps of threads that slept when the state was expanded, if they belong to what was chosen. */
  wake(level: Level, awake: number): void;
  /** Steps that were taken so far, of all states. */
  readonly transitions: number;
}

/** The switches that decide which steps are taken. */
export type ExpanderOptions = Pick<
  SearchOptions,
  'persistentSets' | 'symmetry' | 'fuse' | 'bisimulation' | 'apart' | 'proviso' | 'exactFutures'
>;

/** Makes an expander; `sleep` where there are sleep sets. */
export function createExpander(
  system: FlatSystem,
  options: ExpanderOptions,
  visitor: Visitor,
  sleep?: Sleep,
): Expander {
  const { automata, automatonOf, layout, apply } = system;
  const threads = automatonOf.length;
  const fields = layout.threads;
  const automatonOfThread = automatonOf.map((index) => automata[index] as FlatAutomaton);
  const look = createLook(system);
  const passing = withPassages(system, options);
  const futures = createStandingFutures(passing);
  const reducer = options.persistentSets ? createReducer(passing, futures, options.symmetry) : undefined;
  const stuck = stuckFinderOf(system, options);
  const glider = reducer !== undefined && options.fuse ? createGlider(passing, options.symmetry) : undefined;
  const canonicaliser = createCanonicaliser(system, options.symmetry);
  const words = new Int32Array(layout.words);
  const next = new Int32Array(layout.words);
  const here = look(system.initial);
  const { controls, masks } = here;
  const { chosen, choose, another } = createChooser(system, here, words, futures, reducer);
  const already = new Uint8Array(threads);
  /** Threads that sleep in the state, and those that were expanded there. */
  let sleeping = 0;
  /** Threads that sleep in the state that is being made, and whether its glide ended at one of them. */
  let asleep = 0;
  let fellAsleep = false;
  let transitions = 0;
  /** A step of the state is an error: its run ends there. */
  let broke = false;
  let enough = false;
  let fuses = true;

  /** Takes every enabled edge of the chosen threads, but for those of `skip`. */
  const take = (skip: Uint8Array | undefined): void => {
    for (let t = 0; t < threads; t++) {
      if (chosen[t] === 0 || (skip !== undefined && skip[t] === 1) || (sleeping >>> t) & 1) continue;
      let mask = masks[t] as number;
      if (mask === 0) continue;
      const before = sleeping;
      if (sleep !== undefined) sleeping |= 1 << t;
      const automaton = automatonOfThread[t] as FlatAutomaton;
      const first = automaton.edgeStart[controls[t] as number] as number;
      for (let offset = 0; mask !== 0; offset++, mask >>>= 1) {
        if ((mask & 1) === 0) continue;
        const edge = first + offset;
        visitor.taken(automaton.edgeBase + edge);
        transitions++;
        next.set(words);
        const fits = apply(automaton.edgeAction[edge] as number, next);
        if (!fits || automaton.edgeError[edge] === 1) {
          broke = true;
          enough = !visitor.broken(t, edge, fits);
          if (enough) return;
          continue;
        }
        writeField(fields[t] as Field, next, automaton.edgeTo[edge] as number);
        asleep = before === 0 ? 0 : (sleep?.after(before, automaton.edgeAction[edge] as number, words) ?? 0);
        fellAsleep = false;
        if (glider !== undefined && fuses) transitions += glider.along(here, { thread: t, edge }, next, gliding);
        // Whoever asks for more than deadlocks asks also for what others may do meanwhile.
        if (fellAsleep && !options.proviso) continue;
        asleep = canonicaliser?.canonicalise(next, undefined, asleep) ?? asleep;
        visitor.reached(next, asleep);
      }
    }
  };

  const gliding = {
    /** Where the thread to go on sleeps, what follows was seen. */
    may(thread: number, edge: number): boolean {
      if (asleep === 0) return true;
      fellAsleep = ((asleep >>> thread) & 1) === 1;
      if (fellAsleep) return false;
      asleep = sleep?.after(asleep, automatonOfThread[thread]?.edgeAction[edge] as number, next) ?? 0;
      return true;
    },
    took(thread: number, edge: number): void {
      visitor.taken((automatonOfThread[thread] as FlatAutomaton).edgeBase + edge);
    },
  };

  const takeTheRest = (): void => {
    already.set(chosen);
    chosen.fill(1);
    take(already);
  };

  return {
    words,
    get transitions() {
      return transitions;
    },
    look(sleepers, fusing) {
      sleeping = sleepers;
      fuses = fusing;
      look(words);
    },
    expand(looking) {
      const ended = here.moving === 0;
      if (here.blocked > 0 && (ended || looking)) {
        const members = stuck.find(controls, masks, words);
        if (members.length > 0 && !visitor.stuck(members, ended) && !ended) return 0;
      }
      if (ended) return undefined;
      choose(0);
      broke = false;
      take(undefined);
      if (!chosen.includes(0)) return 2;
      // No step follows an error, so that nothing can be put off until after it.
      if (!broke || enough) return 0;
      takeTheRest();
      return 2;
    },
    widen() {
      choose(0);
      if (!another(already)) return false;
      take(already);
      return true;
    },
    complete(level) {
      choose(level);
      takeTheRest();
    },
    wake(level, awake) {
      choose(level);
      for (let t = 0; t < threads; t++) already[t] = (awake >>> t) & 1 ? 0 : 1;
      take(already);
    },
  };
}
