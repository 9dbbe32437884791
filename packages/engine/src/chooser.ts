import type { FlatSystem } from './flat-system.ts';
import type { StandingFutures } from './futures.ts';
import type { Look } from './look.ts';
import type { Reducer } from './reduce.ts';

/** How far a stored state is expanded. */
export type Level =
  /** One persistent set. */
  | 0
  /** A second one around a thread outside it. */
  | 1
  /** Every thread. */
  | 2;

/** Chooses the threads whose steps are taken in a state. */
export interface Chooser {
  /** 1 for each thread that is chosen. */
  readonly chosen: Uint8Array;
  /** Those of a level. */
  choose(level: Level): void;
  /** Those of another persistent set than the one that is chosen, which is written to `before`; false when there is none. */
  another(before: Uint8Array): boolean;
}

/** Makes a chooser for the state that was looked at last, which is in `words`. Without a reducer all are chosen. */
export function createChooser(
  { automatonOf }: FlatSystem,
  { controls, masks }: Look,
  words: Int32Array,
  futures: StandingFutures,
  reducer: Reducer | undefined,
): Chooser {
  const chosen = new Uint8Array(automatonOf.length);
  const first = new Uint8Array(automatonOf.length);
  const another = (before: Uint8Array): boolean => {
    before.set(chosen);
    return reducer?.choose(controls, masks, words, chosen, before) === true;
  };
  return {
    chosen,
    another,
    choose(level) {
      chosen.fill(1);
      if (reducer === undefined || level === 2) return;
      futures.judge(controls, words);
      reducer.choose(controls, masks, words, chosen);
      if (level === 1 && another(first)) for (let t = 0; t < chosen.length; t++) if (first[t] === 1) chosen[t] = 1;
    },
  };
}
