import { type ActionSet, standsAlone } from './actions.ts';
import { type FlatAutomaton, type FlatSystem, placesIn } from './flat-system.ts';
import { meets, type StandingFutures } from './futures.ts';
import type { SharedGuard } from './unfold.ts';

/**
 * Chooses the threads to expand in a state: a persistent set, so that no deadlock is missed. Threads whose next op
 * nothing that others may still do depends on can go alone (Godefroid, persistent sets from static footprints).
 */
export interface Reducer {
  /**
   * Writes 1 into `chosen` for every thread to expand. `controls` and `enabledMask` describe the state, one number
   * per thread; bit i of a mask stands for the i-th edge of the thread's control state. With `already`, a set around a
   * thread that is not in there; false when there is no such thread.
   */
  choose(
    controls: Int32Array,
    enabledMask: Int32Array,
    words: Int32Array,
    chosen: Uint8Array,
    already?: Uint8Array,
  ): boolean;
  /** The thread to expand where one with one enabled edge counts alone; -1 where it takes more. Quicker to tell. */
  one(controls: Int32Array, enabledMask: Int32Array, words: Int32Array): number;
}

/** What must not happen outside while a thread stands somewhere with some of its edges enabled. */
interface Stand {
  /** What conflicts with an edge that is enabled. */
  readonly conflicts: Watched;
  /** Per edge that is not: its guards, and what can make each of them true. */
  readonly disabled: readonly Disabled[];
}

interface Disabled {
  readonly guards: readonly SharedGuard[];
  readonly enablers: readonly Watched[];
}

/** A set of actions, with what is known of whether futures meet it, by their numbers: 0 for not told yet. */
interface Watched {
  readonly actions: ActionSet;
  readonly met: Uint8Array;
}

const APART = 1;
const MEET = 2;
const LAST_ROUND = 0x7fffffff;

/**
 * Makes a reducer for one system; `futures` must have judged the state before each choice. With `symmetry` threads that
 * stand at the same place count once, as their steps lead to states of which one stands for the other.
 */
export function createReducer(system: FlatSystem, futures: StandingFutures, symmetry = false): Reducer {
  const { automata, automatonOf, relations, actions } = system;
  const threads = automatonOf.length;
  const width = relations.words;
  const { numbers } = futures;
  /** Threads of the set that is being made: those with the number of the round. */
  const inside = new Int32Array(threads);
  let round = 0;
  const bases = Int32Array.from(automatonOf, (index) => (automata[index] as FlatAutomaton).stateBase);
  const free = freePlaces(system);
  const tried = new Uint8Array(threads);
  const members = new Int32Array(threads);
  const trial = new Int32Array(threads);
  const fewest = new Int32Array(threads);
  const stands: Map<number, Stand>[][] = automata.map(({ states }) => Array.from({ length: states }, () => new Map()));
  /** Per control state, over all automata: the mask that it was seen with last, and what goes with that. */
  const lastMask = new Int32Array(placesIn(system)).fill(-1);
  const lastStand: (Stand | undefined)[] = Array.from(lastMask, () => undefined);
  const watched = new Map<string, Watched>();

  const watch = (set: ActionSet): Watched => {
    const key = set.join();
    const same = watched.get(key) ?? { actions: set, met: new Uint8Array(futures.most) };
    watched.set(key, same);
    return same;
  };

  const standOf = (index: number, control: number, mask: number): Stand => {
    const place = (automata[index] as FlatAutomaton).stateBase + control;
    if (lastMask[place] === mask) return lastStand[place] as Stand;
    lastMask[place] = mask;
    const stand = anyStandOf(index, control, mask);
    lastStand[place] = stand;
    return stand;
  };

  const anyStandOf = (index: number, control: number, mask: number): Stand => {
    const byMask = stands[index]?.[control] as Map<number, Stand>;
    const made = byMask.get(mask);
    if (made !== undefined) return made;
    const { edgeStart, edgeAction } = automata[index] as FlatAutomaton;
    const own = Array.from(edgeAction.subarray(edgeStart[control], edgeStart[control + 1]));
    const able = own.filter((_, offset) => ((mask >>> offset) & 1) === 1);
    // While an edge is enabled, what it excludes cannot run first.
    const excluded = union(width, able, relations.excludes);
    const conflicts = without(union(width, able, relations.conflicts), excluded);
    const stand: Stand = {
      conflicts: watch(conflicts),
      disabled: own
        .filter((_, offset) => ((mask >>> offset) & 1) === 0)
        .map((action) => ({
          guards: (actions[action] as (typeof actions)[number]).when,
          enablers: (relations.enables[action] as readonly ActionSet[]).map((set) => watch(without(set, excluded))),
        })),
    };
    byMask.set(mask, stand);
    return stand;
  };

  /** One guard that does not hold is enough: as long as nobody makes it true, the edge stays disabled. */
  const fewestEnablers = ({ guards, enablers }: Disabled, words: Int32Array): number => {
    let least = threads + 1;
    for (let index = 0; index < guards.length && least > 0; index++) {
      if (system.holds(guards[index] as SharedGuard, words)) continue;
      const count = comingWith(enablers[index] as Watched, trial);
      if (count >= least) continue;
      least = count;
      fewest.set(trial);
    }
    if (least > threads) throw new Error('an edge whose guards all hold is enabled');
    return least;
  };

  /** Threads outside the cluster that may still do something of the set. */
  const comingWith = ({ actions: set, met }: Watched, into: Int32Array): number => {
    let count = 0;
    for (let other = 0; other < threads; other++) {
      if (inside[other] === round) continue;
      const future = numbers[other] as number;
      if (met[future] === 0) met[future] = meets(set, futures.of(other)) ? MEET : APART;
      if (met[future] === MEET) into[count++] = other;
    }
    return count;
  };

  const twins = (t: number, other: number, controls: Int32Array): boolean =>
    symmetry && automatonOf[t] === automatonOf[other] && controls[t] === controls[other];

  const nextRound = (): number => {
    if (round === LAST_ROUND) {
      inside.fill(0);
      round = 0;
    }
    return ++round;
  };

  /** The smallest set around a thread, in `inside`: how many transitions count, or -1 if that is `bound` or more. */
  const close = (
    seed: number,
    bound: number,
    controls: Int32Array,
    enabledMask: Int32Array,
    words: Int32Array,
  ): number => {
    let cost = bits(enabledMask[seed] as number);
    if (cost >= bound) return -1;
    inside[seed] = nextRound();
    members[0] = seed;
    let size = 1;
    for (let next = 0; next < size && size < threads; next++) {
      const t = members[next] as number;
      const { conflicts, disabled } = standOf(
        automatonOf[t] as number,
        controls[t] as number,
        enabledMask[t] as number,
      );
      for (let index = -1; index < disabled.length; index++) {
        const coming = index < 0 ? comingWith(conflicts, trial) : fewestEnablers(disabled[index] as Disabled, words);
        const list = index < 0 ? trial : fewest;
        for (let each = 0; each < coming; each++) {
          const other = list[each] as number;
          // What needs a thread that was tried is no smaller than what that one needs.
          if (tried[other] === 1) return -1;
          if (!twins(seed, other, controls)) cost += bits(enabledMask[other] as number);
          if (cost >= bound) return -1;
          inside[other] = round;
          members[size++] = other;
        }
      }
    }
    return cost;
  };

  /** As `close`, as long as all threads that are needed are blocked, or count with the first: false when one does not. */
  const closeBlocked = (seed: number, controls: Int32Array, enabledMask: Int32Array, words: Int32Array): boolean => {
    inside[seed] = nextRound();
    members[0] = seed;
    let size = 1;
    for (let next = 0; next < size; next++) {
      const t = members[next] as number;
      const { conflicts, disabled } = standOf(
        automatonOf[t] as number,
        controls[t] as number,
        enabledMask[t] as number,
      );
      let coming = blockedWith(conflicts, seed, controls, enabledMask);
      if (coming < 0) return false;
      for (let index = 0; index <= disabled.length; index++) {
        for (let each = 0; each < coming; each++) {
          const other = trial[each] as number;
          inside[other] = round;
          members[size++] = other;
        }
        if (index === disabled.length) break;
        coming = blockedEnablers(disabled[index] as Disabled, seed, controls, enabledMask, words);
        if (coming < 0) return false;
      }
    }
    return true;
  };

  /** Such threads that some guard that does not hold waits for; -1 when each waits for one that counts. */
  const blockedEnablers = (
    { guards, enablers }: Disabled,
    seed: number,
    controls: Int32Array,
    enabledMask: Int32Array,
    words: Int32Array,
  ): number => {
    for (let index = 0; index < guards.length; index++) {
      const coming = blockedWith(enablers[index] as Watched, seed, controls, enabledMask);
      if (coming >= 0 && !system.holds(guards[index] as SharedGuard, words)) return coming;
    }
    return -1;
  };

  /** Threads outside the cluster that may still do something of the set, in `trial`; -1 when one of them counts. */
  const blockedWith = (
    { actions: set, met }: Watched,
    seed: number,
    controls: Int32Array,
    enabledMask: Int32Array,
  ): number => {
    let count = 0;
    for (let other = 0; other < threads; other++) {
      if (inside[other] === round) continue;
      const future = numbers[other] as number;
      if (met[future] === 0) met[future] = meets(set, futures.of(other)) ? MEET : APART;
      if (met[future] === APART) continue;
      if (enabledMask[other] !== 0 && !twins(seed, other, controls)) return -1;
      trial[count++] = other;
    }
    return count;
  };

  /** A thread in a passage, or one of which nobody minds what it does next: it goes on before all others. */
  const freely = (controls: Int32Array, enabledMask: Int32Array, already?: Uint8Array): number => {
    for (let t = 0; t < threads; t++) {
      const goes = free[(bases[t] as number) + (controls[t] as number)] === 1;
      if (goes && enabledMask[t] !== 0 && already?.[t] !== 1) return t;
    }
    return -1;
  };

  /** A thread that goes on before all others, or one that makes a set with threads that do not count; -1 for none. */
  const single = (controls: Int32Array, enabledMask: Int32Array, words: Int32Array): number => {
    const first = freely(controls, enabledMask);
    if (first >= 0) return first;
    for (let seed = 0; seed < threads; seed++) {
      const mask = enabledMask[seed] as number;
      if (mask === 0 || (mask & (mask - 1)) !== 0) continue;
      // Threads that stand at the same place need the same company.
      if (seed > 0 && automatonOf[seed] === automatonOf[seed - 1] && controls[seed] === controls[seed - 1]) continue;
      if (closeBlocked(seed, controls, enabledMask, words)) return seed;
    }
    return -1;
  };

  const write = (chosen: Uint8Array): void => {
    for (let t = 0; t < threads; t++) chosen[t] = inside[t] === round ? 1 : 0;
  };

  return {
    choose(controls, enabledMask, words, chosen, already) {
      const first = freely(controls, enabledMask, already);
      if (first >= 0) {
        chosen.fill(0);
        chosen[first] = 1;
        return true;
      }
      let best = 0x7fffffff;
      tried.fill(0);
      for (let seed = 0; seed < threads; seed++) {
        if (enabledMask[seed] === 0 || already?.[seed] === 1) continue;
        const cost = close(seed, best, controls, enabledMask, words);
        tried[seed] = 1;
        if (cost < 0) continue;
        best = cost;
        write(chosen);
      }
      return best !== 0x7fffffff;
    },
    one: single,
  };
}

/** Per control state, over all automata: 1 for a passage, and for one whose only step nothing conflicts with. */
function freePlaces(system: FlatSystem): Uint8Array {
  const free = new Uint8Array(placesIn(system));
  for (const { states, edgeStart, edgeAction, passes, stateBase } of system.automata)
    for (let id = 0; id < states; id++) {
      const edge = edgeStart[id] as number;
      const only = edge + 1 === edgeStart[id + 1];
      const goes = only && standsAlone(system.relations, edgeAction[edge] as number);
      if ((passes?.[id] ?? -1) >= 0 || goes) free[stateBase + id] = 1;
    }
  return free;
}

function union(width: number, ids: readonly number[], sets: readonly ActionSet[]): ActionSet {
  const all = new Uint32Array(width);
  for (const id of ids)
    for (let word = 0; word < width; word++) all[word] = ((all[word] as number) | (sets[id]?.[word] as number)) >>> 0;
  return all;
}

function without(set: ActionSet, others: ActionSet): ActionSet {
  return set.map((word, index) => (word & ~(others[index] as number)) >>> 0);
}

function bits(mask: number): number {
  let left = mask;
  let count = 0;
  while (left !== 0) {
    left &= left - 1;
    count++;
  }
  return count;
}
