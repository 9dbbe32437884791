import { type CaseSetting, type ConformanceCase, defineCase } from '@faultpath/conformance';
import { ext4 } from '@faultpath/ext4';
import type { FaultCase, Filesystem, TaskSpec } from '@faultpath/mm';
import { xfs } from '@faultpath/xfs';

/** Not `lock/order`: a case is judged by one filesystem's order, and here are two. */
const crossRules = [
  'engine/deadlock',
  'engine/model-error',
  'lockdep/circular',
  'gfp/fs-recursion',
  'lock/leak',
  'fault/contract',
  'scope/balance',
] as const;

/** Superblocks of a case: the one that faults, and the one whose inodes are reclaimed. */
const FAULTS = 'a';
const RECLAIMED = 'b';

/** What reclaim of another filesystem meets is an open handle or none: that is what `scope` changes, and no mask. */
const policies: readonly string[] = ['as-released', 'scope'];

function missing({ fs, era, policy }: CaseSetting, other: Filesystem): string | undefined {
  if (!policies.includes(policy))
    return `across filesystems ${policies.join(' and ')} are run; no mask governs what is open`;
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

/** The worker of a loop device writes to the file below in a NOIO scope. */
const loop: readonly TaskSpec[] = [
  { kind: 'read-fault', fs: FAULTS },
  { kind: 'write-fault', fs: FAULTS },
  { kind: 'write-fault', fs: RECLAIMED, scope: 'noio' },
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
  defineCase({
    id: 'cross/004',
    title: 'faults on an image on a loop device: its worker writes to the ext4 below in a NOIO scope',
    groups: ['cross', 'loop'],
    level: 'MUST',
    guards: 'drivers/block/loop.c: the mask of the file below loses __GFP_IO and __GFP_FS, and the worker runs NOIO',
    requires: (setting) => missing(setting, ext4),
    scenario: (setting) => scenario(setting, ext4, loop),
    rules: crossRules,
    twins: [],
  }),
];
