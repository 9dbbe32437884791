import type { FlatAutomaton, FlatSystem } from './flat-system.ts';
import { createStandingFutures } from './futures.ts';
import { type Field, writeField } from './layout.ts';
import { createLooker, type Look } from './look.ts';
import { createLossySet } from './lossy-set.ts';
import { createReducer } from './reduce.ts';

/** A step that a glide took. */
export interface GlideStep {
  readonly thread: number;
  /** Index of the edge in the thread's automaton. */
  readonly edge: number;
}

/**
 * Fuses steps that commute with everything: where a persistent set is a single transition, the state before it is
 * not stored, and the search goes on behind it.
 */
export interface Glider {
  /** The one step to take from here; undefined where the state has to be stored. Its error step never counts. */
  next(words: Int32Array): GlideStep | undefined;
  /** Takes the step. False, and `words` unchanged, when a cell would leave its domain. */
  take(step: GlideStep, words: Int32Array): boolean;
  /**
   * Takes one after the other, as long as there are such, from behind a step on: `before` is the look at the state before
   * that, and `words` are those after it. Says how many it took.
   */
  along(before: Look, behind: GlideStep, words: Int32Array, companion: Companion): number;
}

/** Goes along on a glide. */
export interface Companion {
  /** Is the step to be taken? Otherwise the glide ends before it. */
  may(thread: number, edge: number): boolean;
  /** The step was taken. */
  took(thread: number, edge: number): void;
}

/** Longest glide: a round of such steps would never end. */
export const LONGEST_GLIDE = 200;

/** More of them would no longer lie in a processor's nearest memory. */
const ENDS_BITS = 13;

/** Makes a glider, with what `symmetry` says of a reducer. Threads that got stuck on the way still are where it ends. */
export function createGlider(system: FlatSystem, symmetry: boolean): Glider {
  const { automata, automatonOf, layout, apply } = system;
  const looker = createLooker(system);
  const { controls, masks } = looker.look;
  const futures = createStandingFutures(system);
  const reducer = createReducer(system, futures, symmetry);
  const before = new Int32Array(layout.words);
  /** States from which no glide leads on: most steps lead to one that another led to lately. */
  const ends = createLossySet(layout.words, ENDS_BITS);
  const of = automatonOf.map((index) => automata[index] as FlatAutomaton);

  const threadAt = (words: Int32Array): number => {
    futures.judge(controls, words);
    return reducer.one(controls, masks, words);
  };
  const edgeOf = (thread: number): number =>
    ((of[thread] as FlatAutomaton).edgeStart[controls[thread] as number] as number) +
    31 -
    Math.clz32(masks[thread] as number);
  const take = (thread: number, edge: number, words: Int32Array): boolean => {
    const { edgeAction, edgeTo } = of[thread] as FlatAutomaton;
    before.set(words);
    if (!apply(edgeAction[edge] as number, words)) {
      words.set(before);
      return false;
    }
    writeField(layout.threads[thread] as Field, words, edgeTo[edge] as number);
    return true;
  };
  const moved = (thread: number, edge: number, words: Int32Array): void => {
    const { edgeAction, edgeTo } = of[thread] as FlatAutomaton;
    looker.moved(thread, edgeTo[edge] as number, edgeAction[edge] as number, words);
  };

  return {
    next(words) {
      if (looker.at(words).moving === 0) return undefined;
      const thread = threadAt(words);
      if (thread < 0) return undefined;
      const edge = edgeOf(thread);
      return of[thread]?.edgeError[edge] === 1 ? undefined : { thread, edge };
    },
    take: ({ thread, edge }, words) => take(thread, edge, words),
    along(look, behind, words, { may, took }) {
      if (ends.has(words)) return 0;
      looker.from(look);
      moved(behind.thread, behind.edge, words);
      for (let taken = 0; taken < LONGEST_GLIDE; taken++) {
        const thread = threadAt(words);
        if (thread < 0) {
          ends.add(words);
          return taken;
        }
        const edge = edgeOf(thread);
        if (of[thread]?.edgeError[edge] === 1 || !may(thread, edge) || !take(thread, edge, words)) return taken;
        took(thread, edge);
        moved(thread, edge, words);
      }
      return LONGEST_GLIDE;
    },
  };
}
