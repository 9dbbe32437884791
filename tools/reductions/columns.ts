import type { ExploreOptions } from '@faultpath/engine';
import { everyState } from '../../packages/engine/test/every-state.ts';

const none: ExploreOptions = { ...everyState, minimise: false, fuse: false };

/** Each reduction alone and together; the columns after *minimise* have it too. */
export const columns: readonly (readonly [string, ExploreOptions])[] = [
  ['none', none],
  ['minimise', { ...none, minimise: true }],
  ['symmetry', { ...none, minimise: true, symmetry: true }],
  ['bisimulation', { ...none, minimise: true, bisimulation: true }],
  ['persistent sets', { ...none, minimise: true, persistentSets: true }],
  ['and fusing', { ...none, minimise: true, persistentSets: true, fuse: true }],
  ['all', { ...none, minimise: true, persistentSets: true, fuse: true, symmetry: true, bisimulation: true }],
  [
    'all, and sleep sets',
    {
      ...none,
      minimise: true,
      persistentSets: true,
      fuse: true,
      symmetry: true,
      bisimulation: true,
      sleepSets: true,
    },
  ],
  ['all, as by default', { all: true, witnessStates: 0 }],
];
