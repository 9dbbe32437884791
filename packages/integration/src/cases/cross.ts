import { type CaseSetting, type ConformanceCase, defineCase, faultRules } from '@faultpath/conformance';
import { ext4 } from '@faultpath/ext4';
import { type FaultCase, type Filesystem, type PolicyName, policies, type TaskSpec } from '@faultpath/mm';
import { xfs } from '@faultpath/xfs';

/** A case is judged by the lock order and the contracts of one filesystem, and here are two. */
const ofOneFilesystem: readonly string[] = ['lock/order', 'lock/contract'];

export const crossRules = faultRules.filter((id) => !ofOneFilesystem.includes(id));

/** Superblocks of a case: the one that faults, and the one whose inodes are reclaimed. */
const FAULTS = 'a';
const RECLAIMED = 'b';

/** Why a policy changes nothing of a case without huge pages; undefined where it is run, or is another one by effect. */
export function unreadPolicy(policy: PolicyName): string | undefined {
  return policies[policy].pmdMask === undefined ? undefined : `${policy} is about faults of 2 MiB, and here are none`;
}

function missing({ fs, era, policy }: CaseSetting, other: Filesystem): string | undefined {
  const unread = unreadPolicy(policy);
  if (unread !== undefined) return unread;
  if (!fs.supports.dax) return `${fs.name} has no DAX`;
  for (const each of [fs, other])
    if (!each.supports.eras.includes(era)) return `${each.name} is not modelled for ${era}`;
  return undefined;
}

/** Faults on one filesystem and one on the other, while reclaim takes every kind of inode of the other. */
function scenario({ fs, era, policy }: CaseSetting, other: Filesystem, tasks: readonly TaskSpec[]): FaultCase {
  const truncate: readonly TaskSpec[] =
    fs.f_op.truncate === undefined ? [] : [{ kind: 'truncate', fs: FAULTS, again: true }];
  const kinds = Object.entries(other.reclaim.kinds).filter(([, kind]) => kind.eras.includes(era));
  return {
    era,
    policy,
    filesystem: [
      { name: FAULTS, filesystem: fs },
      { name: RECLAIMED, filesystem: other },
    ],
    tasks: [...tasks, ...truncate],
    victims: kinds.map(([kind]) => ({ kind, fs: RECLAIMED })),
  };
}

/**
 * Two faults on one page here, and one there, without which nobody has anything open there. That one is in a scope: what
 * its own reclaim leads to is told by the cases of one filesystem.
 */
const faults: readonly TaskSpec[] = [
  { kind: 'read-fault', fs: FAULTS },
  { kind: 'write-fault', fs: FAULTS },
  { kind: 'write-fault', fs: RECLAIMED, scope: 'nofs' },
  { kind: 'kswapd' },
];

const guards =
  'J_ASSERT in jbd2__journal_start, and f2e812c1522d: reclaim meets a task that another filesystem has open';

/** A fault on one filesystem reclaims inodes of another. */
export const crossCases: readonly ConformanceCase[] = [
  defineCase({
    id: 'cross/001',
    title: 'faults, while reclaim takes inodes of a second filesystem of the same type',
    groups: ['cross'],
    level: 'MUST',
    guards,
    requires: (setting) => missing(setting, setting.fs),
    scenario: (setting) => scenario(setting, setting.fs, faults),
    rules: crossRules,
    twins: [],
  }),
  defineCase({
    id: 'cross/002',
    title: 'faults, while reclaim takes inodes of an ext4',
    groups: ['cross'],
    level: 'MUST',
    guards,
    requires: (setting) => (setting.fs.name === ext4.name ? 'this is cross/001' : missing(setting, ext4)),
    scenario: (setting) => scenario(setting, ext4, faults),
    rules: crossRules,
    twins: [],
  }),
  defineCase({
    id: 'cross/003',
    title: 'faults, while reclaim takes inodes of an xfs',
    groups: ['cross'],
    level: 'MUST',
    guards,
    requires: (setting) => (setting.fs.name === xfs.name ? 'this is cross/001' : missing(setting, xfs)),
    scenario: (setting) => scenario(setting, xfs, faults),
    rules: crossRules,
    twins: [],
  }),
];
