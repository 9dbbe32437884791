import type { ExploreOptions } from '@faultpath/engine';

/** Every state and every transition. */
export const nothingReduced: ExploreOptions = {
  persistentSets: false,
  symmetry: false,
  bisimulation: false,
  proviso: false,
  partialDeadlocks: false,
};

/** The same, and no further look at what was found: what other explorers count. */
export const everyState: ExploreOptions = { ...nothingReduced, all: true, witnessStates: 0 };
