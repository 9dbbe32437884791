import { once } from './once.ts';
import type { SearchOptions, SearchResult } from './search-options.ts';
import type { System } from './system.ts';
import { type TakenEdges, takenByEither, takenEdges } from './taken.ts';
import { type Undecided, undecidedSteps } from './undecided.ts';

/** Which steps runs take, as far as a search went. */
export interface StepsTaken {
  /** Exactly those. Searches once more, when first asked, if the search stored one state for many and left some open. */
  taken(): TakenEdges;
  /** Are there steps of which it is not known? */
  open(): boolean;
  /** Those that the search took itself. */
  sure(edge: number): boolean;
  /** These, and those that were left open. */
  may(edge: number): boolean;
}

/** The steps that a search took, and those that it could not tell from them. */
export function stepsOf(
  system: System,
  result: SearchResult,
  search: (system: System, options: SearchOptions) => SearchResult,
): StepsTaken {
  const first = once(() => takenEdges(system, result));
  const undecided = once((): Undecided => undecidedSteps(system, result.passages, first()));
  const decided = once((): TakenEdges => {
    if (!result.options.bisimulation || !result.exhausted) return first();
    const { apart } = undecided();
    if (apart === undefined) return first();
    const { resume: _, onProgress: __, ...options } = result.options;
    return takenByEither(first(), takenEdges(system, search(system, { ...options, apart })));
  });
  return {
    taken: decided,
    open: () => result.options.bisimulation && undecided().apart !== undefined,
    sure: (edge) => first().has(edge),
    may: (edge) => (result.options.bisimulation ? undecided().may(edge) : first().has(edge)),
  };
}
