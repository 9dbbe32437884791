import { type CaseSetting, type ConformanceCase, defineCase, faultRules } from '@faultpath/conformance';
import { ext4, ext4Delalloc } from '@faultpath/ext4';
import type { FaultCase } from '@faultpath/mm';

const finding = 'docs/findings/candidate-c1.md';

/** What is remembered is allocated with a mask of its own: a mapping's mask is tried once, to show that it is not asked. */
const policies: readonly string[] = ['as-released', 'chinner+ext4'];

function missing({ fs, era, policy }: CaseSetting): string | undefined {
  if (fs.name !== ext4.name) return `${fs.name} has no model of delayed allocation`;
  if (!ext4Delalloc.supports.eras.includes(era)) return `delayed allocation is not modelled for ${era}`;
  return policies.includes(policy) ? undefined : 'no policy governs the mask of a remembered extent';
}

/**
 * Two pages of one file: the flusher writes one while the other is made writable, by two tasks. Its inode's times are
 * current. The fault on another file is left to `--bounds files=2`: it costs nine times as many states.
 */
function scenario({ era, policy }: CaseSetting, scope?: 'nofs'): FaultCase {
  const within = scope === undefined ? {} : { scope };
  return {
    era,
    policy,
    filesystem: ext4Delalloc,
    mount: { stale_times: false },
    allocationFailure: true,
    tasks: [
      { kind: 'write-fault', page: 0, ...within },
      { kind: 'write-fault', page: 0, ...within },
      { kind: 'write-fault', page: 1, ...within },
      { kind: 'truncate', again: true },
      { kind: 'kswapd' },
    ],
    victims: [{ kind: 'lazytime' }],
  };
}

/** ext4 as it is mounted by default: no DAX, and blocks that are allocated when pages are written. */
export const delallocCases: readonly ConformanceCase[] = [
  defineCase({
    id: 'ext4/001',
    title: 'write faults with delayed allocation on two pages of one file, lazytime inodes in reclaim',
    groups: ['ext4', 'page', 'write'],
    level: 'MUST',
    guards: `${finding}: an extent is remembered under i_data_sem with no handle open`,
    requires: missing,
    scenario: (setting) => scenario(setting),
    rules: faultRules,
    twins: [],
  }),
  defineCase({
    id: 'ext4/002',
    title: 'as ext4/001, the faults in a NOFS scope',
    groups: ['ext4', 'page', 'write'],
    level: 'MUST',
    guards: `${finding}: a scope around the faults is what takes it away`,
    requires: missing,
    scenario: (setting) => scenario(setting, 'nofs'),
    rules: faultRules,
    twins: [],
  }),
];
