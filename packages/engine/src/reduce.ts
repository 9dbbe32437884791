import type { ActionSet } from './actions.ts';
import { type Futures, meets } from './futures.ts';
import type { CompiledAutomaton, System } from './system.ts';

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
}

/** Makes a reducer for one system; `futures` must have judged the state before each choice. */
export function createReducer(system: System, futures: Futures): Reducer {
  const { automata, automatonOf, relations, actions } = system;
  const threads = automatonOf.length;
  const width = relations.words;
  const clash: ActionSet[] = Array.from({ length: threads }, () => new Uint32Array(width));
  const scratch: ActionSet[] = Array.from({ length: threads }, () => new Uint32Array(width));
  const wholly: (ActionSet | undefined)[][] = automata.map(() => []);
  const known = new Uint8Array(threads);
  const cluster = new Uint8Array(threads);

  /** Everything that must not happen outside the cluster while thread `t` stands where it is. */
  const clashOf = (t: number, control: number, mask: number, words: Int32Array): ActionSet => {
    if (known[t] === 1) return clash[t] as ActionSet;
    known[t] = 1;
    const index = automatonOf[t] as number;
    const automaton = automata[index] as CompiledAutomaton;
    const first = automaton.edgeStart[control] as number;
    const last = automaton.edgeStart[control + 1] as number;
    // With every edge enabled the answer depends on nothing else.
    const whole = bits(mask) === last - first;
    const remembered = whole ? wholly[index]?.[control] : undefined;
    if (remembered !== undefined) {
      clash[t] = remembered;
      return remembered;
    }
    const set: ActionSet = whole ? new Uint32Array(width) : (scratch[t] as ActionSet);
    clash[t] = set;
    set.fill(0);
    for (let edge = first; edge < last; edge++) {
      const action = automaton.edgeAction[edge] as number;
      if ((mask >>> (edge - first)) & 1) addAll(set, relations.conflicts[action] as ActionSet);
      else addAll(set, enablerOf(action, words));
    }
    for (let edge = first; edge < last; edge++) {
      if (!((mask >>> (edge - first)) & 1)) continue;
      // While this edge is enabled, what it excludes cannot run first.
      const excluded = relations.excludes[automaton.edgeAction[edge] as number] as ActionSet;
      for (let word = 0; word < width; word++) set[word] = ((set[word] as number) & ~(excluded[word] as number)) >>> 0;
    }
    if (whole) (wholly[index] as (ActionSet | undefined)[])[control] = set;
    return set;
  };

  /** One guard that does not hold is enough: as long as nobody makes it true, the edge stays disabled. */
  const enablerOf = (action: number, words: Int32Array): ActionSet => {
    const guards = (actions[action] as (typeof actions)[number]).when;
    const sets = relations.enables[action] as readonly ActionSet[];
    let best: ActionSet | undefined;
    let fewest = threads + 1;
    for (let index = 0; index < guards.length; index++) {
      if (system.holds(guards[index] as (typeof guards)[number], words)) continue;
      const set = sets[index] as ActionSet;
      let count = 0;
      for (let t = 0; t < threads; t++) if (meets(set, futures.of(t))) count++;
      if (count >= fewest) continue;
      fewest = count;
      best = set;
    }
    if (best === undefined) throw new Error('an edge whose guards all hold is enabled');
    return best;
  };

  return {
    choose(controls, enabledMask, words, chosen, already) {
      known.fill(0);
      let best = 0x7fffffff;
      for (let seed = 0; seed < threads; seed++) {
        if (enabledMask[seed] === 0 || already?.[seed] === 1) continue;
        cluster.fill(0);
        cluster[seed] = 1;
        let cost = bits(enabledMask[seed] as number);
        let size = 1;
        for (let grew = true; grew && cost < best; ) {
          grew = false;
          for (let t = 0; t < threads && cost < best; t++) {
            if (cluster[t] === 0) continue;
            const set = clashOf(t, controls[t] as number, enabledMask[t] as number, words);
            for (let other = 0; other < threads; other++) {
              if (cluster[other] === 1 || !meets(set, futures.of(other))) continue;
              cluster[other] = 1;
              cost += bits(enabledMask[other] as number);
              size++;
              grew = true;
            }
          }
        }
        if (cost < best) {
          best = cost;
          chosen.set(cluster);
          if (size === 1 && cost === 1) return true;
        }
      }
      return best !== 0x7fffffff;
    },
  };
}

function addAll(into: ActionSet, from: ActionSet): void {
  for (let word = 0; word < into.length; word++) into[word] = ((into[word] as number) | (from[word] as number)) >>> 0;
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
