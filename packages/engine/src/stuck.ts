import type { ActionSet } from './actions.ts';
import type { FlatAutomaton, FlatSystem } from './flat-system.ts';
import { createFutures, type Futures, meets } from './futures.ts';

/** Finds the threads that nothing can ever free. */
export interface StuckFinder {
  /**
   * Indexes of the threads that are blocked, not idle, and that no thread outside the set can ever enable, judged
   * by everything those may still do. No step follows an error: what would have come after it might free anybody.
   * `masks` has one bit per enabled edge, as the search computes it.
   */
  find(controls: Int32Array, masks: Int32Array, words: Int32Array): readonly number[];
}

/**
 * Makes a finder. A daemon that waits at its start is idle, not stuck; but others may still wait for it, so it takes
 * part in the fixed point and is left out of the answer only.
 */
export function createStuckFinder(system: FlatSystem, futures: Futures = createFutures(system)): StuckFinder {
  const { automata, automatonOf, relations, actions } = system;
  const threads = automatonOf.length;
  const inside = new Uint8Array(threads);
  const of = (t: number): FlatAutomaton => automata[automatonOf[t] as number] as FlatAutomaton;

  const broken = automata.map(mayBreak);
  let anybody = false;

  /** Per action and guard: whether futures meet what makes it true, by their numbers. */
  const met = actions.map(({ when }) => when.map((): (boolean | undefined)[] => []));

  const mayFree = (action: number, guard: number): boolean => {
    if (anybody) return true;
    const known = met[action]?.[guard] as (boolean | undefined)[];
    for (let other = 0; other < threads; other++) {
      if (inside[other] === 1) continue;
      const number = futures.numbers[other] as number;
      known[number] ??= meets(relations.enables[action]?.[guard] as ActionSet, futures.of(other));
      if (known[number] === true) return true;
    }
    return false;
  };

  const breaks = (controls: Int32Array): boolean => {
    for (let t = 0; t < threads; t++)
      if (inside[t] === 0 && broken[automatonOf[t] as number]?.[controls[t] as number] === 1) return true;
    return false;
  };

  /** Some guard of the edge is false, and nobody outside can make it true. */
  const neverEnabled = (action: number, words: Int32Array): boolean => {
    const guards = (actions[action] as (typeof actions)[number]).when;
    for (let index = 0; index < guards.length; index++) {
      const guard = guards[index] as (typeof guards)[number];
      if (!system.holds(guard, words) && !mayFree(action, index)) return true;
    }
    return false;
  };

  const staysBlocked = (t: number, controls: Int32Array, words: Int32Array): boolean => {
    const automaton = of(t);
    const control = controls[t] as number;
    const last = automaton.edgeStart[control + 1] as number;
    for (let edge = automaton.edgeStart[control] as number; edge < last; edge++) {
      if (!neverEnabled(automaton.edgeAction[edge] as number, words)) return false;
    }
    return true;
  };

  return {
    find(controls, masks, words) {
      futures.judge(controls, words);
      for (let t = 0; t < threads; t++) inside[t] = masks[t] === 0 ? 1 : 0;
      for (let shrank = true; shrank; ) {
        shrank = false;
        anybody = breaks(controls);
        for (let t = 0; t < threads; t++) {
          if (inside[t] === 0 || staysBlocked(t, controls, words)) continue;
          inside[t] = 0;
          shrank = true;
        }
      }
      const stuck: number[] = [];
      for (let t = 0; t < threads; t++) {
        if (inside[t] === 0) continue;
        const control = controls[t] as number;
        const finished = of(t).edgeStart[control + 1] === of(t).edgeStart[control];
        const idle = system.daemons[t] === true && of(t).asAtStart[control] === 1;
        if (!finished && !idle) stuck.push(t);
      }
      return stuck;
    },
  };
}

/** Per control state, 1 where an error may come; undefined where none does from anywhere. */
function mayBreak({ states, edgeStart, edgeTo, edgeError }: FlatAutomaton): Uint8Array | undefined {
  if (!edgeError.includes(1)) return undefined;
  const may = new Uint8Array(states);
  for (let grew = true; grew; ) {
    grew = false;
    for (let state = states - 1; state >= 0; state--) {
      if (may[state] === 1) continue;
      for (let edge = edgeStart[state] as number; edge < (edgeStart[state + 1] as number); edge++) {
        if (edgeError[edge] === 0 && may[edgeTo[edge] as number] === 0) continue;
        may[state] = 1;
        grew = true;
        break;
      }
    }
  }
  return may;
}
