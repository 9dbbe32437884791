import type { ExploreOptions } from '@faultpath/engine';

/** Every state and every transition, and no further look at what was found: what other explorers count. */
export const everyState: ExploreOptions = {
  persistentSets: false,
  symmetry: false,
  bisimulation: false,
  proviso: false,
  partialDeadlocks: false,
  all: true,
  witnessStates: 0,
};
