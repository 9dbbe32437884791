import type { Expectation } from '@faultpath/conformance';
import { policyNames } from '@faultpath/mm';

const everyPolicyButScope = policyNames.filter((name) => name !== 'scope');

/** v4.10 opened its handle inside iomap_begin and closed it there: nobody waits for an entry with a handle open. */
const handleBeforeEntry = ['v4.9', 'v4.12', 'v5.15', 'v6.1', 'v6.12'] as const;

const withoutScope = {
  fs: ['ext4'],
  reason: 'an open handle is no NOFS scope: the task reclaims, and what it takes waits for the handle',
  link: 'docs/findings/ext4-v4.9-write-fault.md',
  rules: ['engine/deadlock', 'gfp/fs-recursion'],
} as const;

const readFault = {
  fs: ['ext4'],
  reason:
    'a read fault allocates its page-table page under the DAX entry lock without any scope; stock kernels hang here',
  link: 'docs/findings/ext4-dax-lazytime.md',
  rules: ['engine/deadlock', 'gfp/fs-recursion'],
} as const;

const thaw = {
  reason: 'reclaim that waits for a thaw holds s_umount, which the thaw needs',
  link: 'docs/findings/freeze-and-reclaim.md',
} as const;

/** Up to v4.12, xfs ended inodes in the task that reclaimed them; then a worker did, which a freeze stops. */
const inactivationInReclaim = ['v4.9', 'v4.10', 'v4.12'] as const;

const recursion = ['engine/deadlock', 'gfp/fs-recursion'] as const;

const nilfs2Symlink = {
  fs: ['nilfs2'],
  reason: 'the page of a new symbolic link is allocated with FS inside a transaction, which kswapd may wait for',
  link: 'docs/findings/nilfs2-symlink.md',
  rules: recursion,
} as const;

const nilfs2PageLock = {
  fs: ['nilfs2'],
  reason: 'the page-table page is allocated with a dirty page locked, which the segment constructor waits for',
  link: 'docs/findings/nilfs2-page-lock.md',
  rules: recursion,
} as const;

const f2fsDirectory = {
  fs: ['f2fs'],
  reason: 'pages of a directory are allocated with FS inside an operation, and reclaim begins another one',
  link: 'docs/findings/f2fs-directory.md',
  rules: recursion,
} as const;

const rememberedExtent = {
  fs: ['ext4'],
  reason: 'an extent is remembered under i_data_sem with no handle open, and its second attempt may reclaim',
  link: 'docs/findings/candidate-c1.md',
  rules: recursion,
} as const;

const foreignHandle = {
  fs: ['ext4'],
  reason: 'an open handle is no NOFS scope: the task starts a handle of another journal, against which jbd2 asserts',
  link: 'docs/findings/ext4-v4.9-write-fault.md',
  rules: ['engine/model-error', 'engine/deadlock', 'gfp/fs-recursion'],
} as const;

const aboveLoop = {
  fs: ['ext4'],
  reason: 'a fault reclaims an inode of an xfs on a loop device, whose log waits for the journal of the faulting ext4',
  link: 'docs/findings/loop-over-ext4.md',
  rules: recursion,
} as const;

const loopDirectIo = {
  fs: ['ext4'],
  reason: 'the worker of a loop device allocates with GFP_KERNEL for direct I/O, and reclaims what waits for it',
  link: 'docs/findings/loop-over-ext4.md',
  rules: recursion,
} as const;

/** Deadlocks that real kernels have: the suite fails when one goes away as much as when a new one appears. */
export const expectations: readonly Expectation[] = [
  { case: 'cross/001', era: ['v4.9'], policy: everyPolicyButScope, ...foreignHandle },
  { case: 'cross/004', era: handleBeforeEntry, ...aboveLoop },
  { case: 'cross/006', era: ['v4.9', 'v4.10', 'v4.12'], ...loopDirectIo },
  { case: 'dax/001', era: ['v4.9'], policy: everyPolicyButScope, ...withoutScope },
  { case: 'dax/004', era: handleBeforeEntry, ...readFault },
  { case: 'dax/008', ...readFault },
  { case: 'dax/011', era: handleBeforeEntry, ...readFault },
  { case: 'dax/009', era: handleBeforeEntry, ...readFault },
  { case: 'dax/007', fs: ['xfs'], era: inactivationInReclaim, rules: ['engine/deadlock'], ...thaw },
  { case: 'dax/010', fs: ['xfs'], era: inactivationInReclaim, rules: ['engine/deadlock'], ...thaw },
  {
    case: 'dax/010',
    fs: ['ext4', 'ext2'],
    rules: ['engine/deadlock', 'lockdep/circular', 'gfp/fs-recursion'],
    ...thaw,
  },
  { case: 'ext4/001', era: ['v6.1', 'v6.12'], ...rememberedExtent },
  { case: 'page/002', era: ['v4.9', 'v4.10', 'v4.12'], ...nilfs2PageLock },
  { case: 'page/004', era: ['v4.9', 'v4.10', 'v4.12', 'v5.15'], policy: everyPolicyButScope, ...nilfs2Symlink },
  { case: 'page/004', era: ['v5.15'], policy: everyPolicyButScope, ...f2fsDirectory },
  { case: 'page/005', era: ['v5.15'], policy: everyPolicyButScope, ...f2fsDirectory },
];
