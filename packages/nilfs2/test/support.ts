import { type Exploration, explore } from '@faultpath/engine';
import { buildFaultModel, type FaultCase, type Filesystem } from '@faultpath/mm';
import { nilfs2 } from '../src/index.ts';

/** Explores a case on nilfs2, or on a change of it, with kswapd and unlinked inodes in reclaim. */
export function exploreNilfs2(
  given: Omit<FaultCase, 'filesystem'>,
  change: Partial<Pick<Filesystem, 'decisions' | 'mappingGfpByKind'>> = {},
): Exploration {
  const tasks = [...given.tasks, { kind: 'kswapd' as const }];
  const filesystem: Filesystem = { ...nilfs2, ...change };
  return explore(buildFaultModel({ victims: [{ kind: 'orphan' }], ...given, filesystem, tasks }));
}
