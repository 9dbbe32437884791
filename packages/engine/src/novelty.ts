import { type FlatAutomaton, type FlatSystem, placesIn } from './flat-system.ts';
import { type Field, readField } from './layout.ts';

/**
 * Places of threads that no stored state has. A state that counts as known is stored all the same when a thread stands in
 * it where none has stood: most steps that a run can take are taken so, and few are left to be decided.
 */
export interface Novelty {
  in(words: Int32Array): boolean;
  /** The state is stored. */
  add(words: Int32Array): void;
}

/** Starts with all places new, or with those that are 0 in `seen`, which others may read. */
export function createNovelty(system: FlatSystem, seen: Uint8Array = new Uint8Array(placesIn(system))): Novelty {
  const { automata, automatonOf, layout } = system;
  const bases = automatonOf.map((index) => (automata[index] as FlatAutomaton).stateBase);
  const placeOf = (thread: number, words: Int32Array): number =>
    (bases[thread] as number) + readField(layout.threads[thread] as Field, words);
  return {
    in(words) {
      for (let thread = 0; thread < bases.length; thread++) if (seen[placeOf(thread, words)] === 0) return true;
      return false;
    },
    add(words) {
      for (let thread = 0; thread < bases.length; thread++) seen[placeOf(thread, words)] = 1;
    },
  };
}
