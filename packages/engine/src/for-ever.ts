import { createCanonicaliser, type Renamed } from './canonical.ts';
import { createChooser, type Level } from './chooser.ts';
import { createStandingFutures } from './futures.ts';
import { createGlider, LONGEST_GLIDE } from './glide.ts';
import { type Field, readField } from './layout.ts';
import { createLook } from './look.ts';
import { withPassages } from './passages.ts';
import { stepsFrom } from './path.ts';
import { createReducer } from './reduce.ts';
import { fusesAt, type SearchOptions } from './search-options.ts';
import { createNumberList, type NumberList, type StateStore } from './store.ts';
import type { CompiledAutomaton, System } from './system.ts';

/** A search that was run to its end. */
export interface Explored {
  readonly options: SearchOptions;
  readonly store: StateStore;
  /** Some state that the state leads to; -1 for none, or unknown. */
  readonly leadsTo: NumberList;
  readonly level: (id: number) => Level;
}

/** Threads that no continuation of a stored state ever moves again. */
export interface StuckForEver {
  readonly state: number;
  readonly threads: readonly number[];
}

/** One bit per thread, and the sign stays out of it. */
const MOST_THREADS = 31;

/**
 * Finds what the judgement of single states cannot see: threads that only the exact behaviour of the others keeps
 * waiting. A state that leads to one in which all are done, or idle where they started, has nobody stuck; nearly all
 * states of most models are told so by following one step each. The rest is expanded again, as the search did it, and who
 * moves in it is traced backwards. From every stored state the search keeps a run with the next step of every thread that
 * has one, if it kept the proviso: so nobody moves who moves nowhere here.
 */
export function stuckForEver(system: System, explored: Explored): readonly StuckForEver[] {
  const { automatonOf } = system;
  if (automatonOf.length > MOST_THREADS) return [];
  const { store } = explored;
  const words = new Int32Array(system.layout.words);
  const look = createLook(system);
  const of = (t: number): CompiledAutomaton => system.automata[automatonOf[t] as number] as CompiledAutomaton;
  const harmless = (t: number, control: number): boolean =>
    of(t).edgeStart[control] === of(t).edgeStart[control + 1] ||
    (system.model.threads[t]?.daemon === true && of(t).minimal.states[control]?.asAtStart === true);
  const quiet = (id: number): boolean => {
    store.read(id, words);
    const { controls } = look(words);
    return automatonOf.every((_, t) => harmless(t, controls[t] as number));
  };

  const rest = withoutGoodEnd(store.count, explored.leadsTo, quiet);
  if (rest.length === 0) return [];
  const place = new Map(rest.map((id, index) => [id, index]));
  const again = createExpander(system, explored);
  const starts = createNumberList();
  const targets = createNumberList();
  const movers = createNumberList();
  const ways = createNumberList();
  const places: (readonly number[])[] = [];
  const known = new Map<string, number>();
  const can = new Int32Array(rest.length);
  const everybody = 2 ** automatonOf.length - 1;

  const beside = explored.options.bisimulation ? statesBeside(store, words) : new Map<number, readonly number[]>();
  const everyPlace = [...automatonOf.keys()];
  for (const [index, id] of rest.entries()) {
    starts.push(targets.length);
    const visit: Visit = (target, moved, to) => {
      const next = target < 0 ? undefined : place.get(target);
      // Leads out: to a good end, and so does this one.
      if (next === undefined) can[index] = everybody;
      else {
        const key = to.join();
        const way = known.get(key) ?? places.length;
        if (way === places.length) {
          known.set(key, way);
          places.push(to);
        }
        targets.push(next);
        movers.push(moved);
        ways.push(way);
      }
    };
    again(id, visit);
    // What follows one of them follows all, and a step that was taken to any of them is found to lead to the first.
    for (const other of beside.get(id) ?? []) visit(other, 0, everyPlace);
  }
  starts.push(targets.length);

  for (let changed = true; changed; ) {
    changed = false;
    for (let index = rest.length - 1; index >= 0; index--) {
      let mine = can[index] as number;
      for (let edge = starts.at(index); edge < starts.at(index + 1); edge++) {
        const theirs = can[targets.at(edge)] as number;
        mine |= movers.at(edge);
        for (const [t, to] of (places[ways.at(edge)] as readonly number[]).entries())
          mine |= ((theirs >>> to) & 1) << t;
      }
      if (mine === can[index]) continue;
      can[index] = mine;
      changed = true;
    }
  }

  return rest.flatMap((state, index) => {
    if (can[index] === everybody) return [];
    store.read(state, words);
    const { controls } = look(words);
    const threads = [...automatonOf.keys()].filter(
      (t) => (((can[index] as number) >>> t) & 1) === 0 && !harmless(t, controls[t] as number),
    );
    return threads.length === 0 ? [] : [{ state, threads }];
  });
}

/** States that were stored beside one that counts as the same, by the number of that one. */
function statesBeside(store: StateStore, words: Int32Array): ReadonlyMap<number, readonly number[]> {
  const beside = new Map<number, number[]>();
  for (let id = 0; id < store.count; id++) {
    store.read(id, words);
    const first = store.find(words);
    if (first !== id) beside.set(first, [...(beside.get(first) ?? []), id]);
  }
  return beside;
}

const UNKNOWN = 0;
const GOOD = 1;
const OPEN = 2;

/** States of which following one step each does not show that they lead to a good end, in ascending order. */
function withoutGoodEnd(count: number, leadsTo: NumberList, quiet: (id: number) => boolean): readonly number[] {
  const verdict = new Uint8Array(count);
  const rest: number[] = [];
  for (let id = 0; id < count; id++) {
    const path: number[] = [];
    let at = id;
    for (; at >= 0 && verdict[at] === UNKNOWN; at = leadsTo.at(at)) {
      // What has no verdict yet and comes again goes round.
      verdict[at] = OPEN;
      path.push(at);
    }
    let good = at >= 0 && verdict[at] === GOOD;
    for (const each of path.reverse()) {
      good ||= quiet(each);
      if (good) verdict[each] = GOOD;
    }
  }
  for (let id = 0; id < count; id++) if (verdict[id] === OPEN) rest.push(id);
  return rest;
}

/** Tells the target of each step, -1 for one that is not stored, the threads that moved, and where each has got to. */
type Visit = (target: number, moved: number, to: readonly number[]) => void;

/** Expands stored states again, with the sets that the search chose. */
function createExpander(system: System, { options, store, level }: Explored): (id: number, visit: Visit) => void {
  const { automatonOf, layout } = system;
  const look = createLook(system);
  const passing = withPassages(system, options);
  const futures = createStandingFutures(passing);
  const reducer = options.persistentSets ? createReducer(passing, futures, options.symmetry) : undefined;
  const glider = createGlider(passing, options.symmetry);
  const canonicaliser = createCanonicaliser(system, options.symmetry);
  const words = new Int32Array(system.layout.words);
  const trial = words.slice();
  const canonical = words.slice();
  const here = look(system.initial);
  const { chosen, choose } = createChooser(system, here, words, futures, reducer);

  const everyPlace = [...automatonOf.keys()];
  const standsLike = (t: number, other: number, state: Int32Array): boolean =>
    automatonOf[t] === automatonOf[other] &&
    readField(layout.threads[t] as Field, state) === readField(layout.threads[other] as Field, state);

  const follow = (id: number, thread: number, edge: number, visit: Visit): void => {
    trial.set(words);
    let moved = 0;
    let step: ReturnType<typeof glider.next> = { thread, edge };
    for (let length = 0; step !== undefined && length <= LONGEST_GLIDE; length++) {
      const first = step.thread;
      const movers = options.symmetry ? everyPlace.filter((t) => standsLike(t, first, trial)) : [first];
      if (!glider.take(step, trial)) break;
      // Whoever stands at the same place could go in its stead.
      for (const t of movers) moved |= 1 << t;
      const log: Renamed[] = [];
      canonical.set(trial);
      canonicaliser?.canonicalise(canonical, log);
      const target = store.find(canonical);
      if (target >= 0) {
        visit(target, moved, placesAfter(automatonOf.length, log));
        return;
      }
      step = fusesAt(options, id) ? glider.next(trial) : undefined;
    }
    visit(-1, moved, []);
  };

  return (id, visit) => {
    store.read(id, words);
    look(words);
    if (here.moving === 0) return;
    choose(level(id));
    for (const { thread, edge } of stepsFrom(system, here)) if (chosen[thread] === 1) follow(id, thread, edge, visit);
  };
}

/** Where each thread stands after the state was made canonical. */
function placesAfter(threads: number, log: readonly Renamed[]): readonly number[] {
  let to = Array.from({ length: threads }, (_, thread) => thread);
  for (const each of log) {
    if ('by' in each) to = to.map((place) => each.by.threads[place] as number);
    else {
      const now = new Int32Array(threads);
      for (const [place, from] of each.order.entries()) now[from] = place;
      to = to.map((place) => now[place] as number);
    }
  }
  return to;
}
