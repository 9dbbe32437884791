import { runConformance } from '@faultpath/conformance';
import { awaitValue, kernelFunction } from '@faultpath/engine';
import { ext2 } from '@faultpath/ext2';
import { ext4, ext4Delalloc } from '@faultpath/ext4';
import { f2fs } from '@faultpath/f2fs';
import { type EraName, type Filesystem, type Machine, VM_FAULT, type VmFault } from '@faultpath/mm';
import { nilfs2 } from '@faultpath/nilfs2';
import { xfs, xfsPageCache } from '@faultpath/xfs';
import { describe, expect, test } from 'vitest';
import { adapters } from '../src/index.ts';

async function claimsOf(fs: Filesystem, era: readonly EraName[] = ['v6.1']): Promise<readonly string[]> {
  const outcomes = await runConformance({ adapters: [fs], case: ['adapter/001'], policy: ['as-released'], era });
  return outcomes.flatMap(({ result }) => {
    expect(result.verdict).toBe(result.findings.length > 0 ? 'fail' : 'pass');
    return result.findings.map(({ rule, claim }) => {
      expect(rule).toBe('adapter/capability');
      return claim.slice(0, claim.indexOf(', but '));
    });
  });
}

const nothing = kernelFunction('does_nothing', function* () {
  return 0;
});
const fallsBack = kernelFunction('falls_back', function* (_env: Machine, _vmf: VmFault) {
  return VM_FAULT.FALLBACK;
});
const givesUp = kernelFunction('gives_up', function* (_env: Machine, _vmf: VmFault) {
  return VM_FAULT.NOPAGE;
});

function says(fs: Filesystem, supports: Partial<Filesystem['supports']>): Filesystem {
  return { ...fs, supports: { ...fs.supports, ...supports } };
}

const { truncate_mutex: _, ...withoutMutex } = ext2.locks as Filesystem['locks'];

/** One thing is wrong with each: what it is told. */
const wrong: readonly (readonly [string, Filesystem, string])[] = [
  ['has DAX and says no', says(ext2, { dax: false }), 'ext2 does not declare supports.dax'],
  ['says DAX and has none', says(nilfs2, { dax: true }), 'nilfs2 declares supports.dax'],
  ['says page cache and has none', says(ext2, { page_cache: true }), 'ext2 declares supports.page_cache'],
  ['has a page cache and says no', says(f2fs, { page_cache: false }), 'f2fs does not declare supports.page_cache'],
  ['says transactions and has none', says(ext2, { transactions: true }), 'ext2 declares supports.transactions'],
  ['has handles and says no', says(ext4, { transactions: false }), 'ext4 does not declare supports.transactions'],
  ['has log space and says no', says(xfs, { transactions: false }), 'xfs does not declare supports.transactions'],
  [
    'shares a lock with a thread and says no',
    says(nilfs2, { transactions: false }),
    'nilfs2 does not declare supports.transactions',
  ],
  ['says MAP_SYNC and has none', says(ext2, { sync_faults: true }), 'ext2 declares supports.sync_faults'],
  ['has MAP_SYNC and says no', says(ext4, { sync_faults: false }), 'ext4 does not declare supports.sync_faults'],
  [
    'always falls back',
    { ...ext4, vm_ops: { ...ext4.vm_ops, huge_fault: fallsBack } },
    'ext4 declares vm_ops.huge_fault',
  ],
  [
    'never locks the page',
    { ...f2fs, vm_ops: { ...f2fs.vm_ops, page_mkwrite: givesUp } },
    'f2fs declares vm_ops.page_mkwrite',
  ],
  ['truncates nothing', { ...ext2, f_op: { ...ext2.f_op, truncate: nothing } }, 'ext2 declares f_op.truncate'],
  ['syncs nothing', { ...ext2, f_op: { ...ext2.f_op, fsync: nothing } }, 'ext2 declares f_op.fsync'],
  ['creates nothing', { ...f2fs, i_op: { ...f2fs.i_op, create: nothing } }, 'f2fs declares i_op.create'],
  ['makes no directory', { ...f2fs, i_op: { ...f2fs.i_op, mkdir: nothing } }, 'f2fs declares i_op.mkdir'],
  ['makes no link', { ...f2fs, i_op: { ...f2fs.i_op, symlink: nothing } }, 'f2fs declares i_op.symlink'],
  ['reads nothing', { ...f2fs, a_ops: { read_folio: nothing } }, 'f2fs declares a_ops.read_folio'],
  [
    'has a handler that nobody calls',
    { ...ext2, s_op: { ...ext2.s_op, writepages: nothing } },
    'ext2 declares s_op.writepages',
  ],
  ['does nothing in a freeze', { ...ext2, s_op: { ...ext2.s_op, sync_fs: nothing } }, 'ext2 declares s_op.sync_fs'],
  ['has a shrinker without a handler', { ...xfs, s_op: withoutShrink(xfs.s_op) }, 'xfs declares reclaim.kinds.dquot'],
  ['has a thread that never runs', withIdleThread(ext2), 'ext2 declares threads.idle'],
  [
    'declares a lock that nobody takes',
    {
      ...ext2,
      locks: { ...ext2.locks, xattr_sem: { kind: 'rwsem', scope: 'inode' } },
      lockOrder: [...ext2.lockOrder, ['xattr_sem']],
    },
    'ext2 declares locks.xattr_sem',
  ],
  [
    'takes a lock that it does not declare',
    { ...ext2, locks: withoutMutex, lockOrder: [['mmap_lock', 'dax_sem', 'dax_entry']], contracts: [] },
    'ext2 does not declare locks.truncate_mutex',
  ],
];

function withoutShrink({ shrink: _, ...rest }: Filesystem['s_op']): Filesystem['s_op'] {
  return rest;
}

const waitsForEver = kernelFunction(
  'waits_for_ever',
  function* (_env: Machine, never: Parameters<typeof awaitValue>[0]) {
    yield awaitValue(never, 1);
    return 0;
  },
);

function withIdleThread(fs: Filesystem): Filesystem {
  return {
    ...fs,
    mount: (builder, sb) => ({ never: builder.world.cell(`${sb}.never`, 1) }),
    threads: [
      {
        name: 'idle',
        start: (env, sb) => waitsForEver(env, (sb.s_fs_info as { never: Parameters<typeof awaitValue>[0] }).never),
      },
    ],
  };
}

test('the bundled filesystems do what they declare, in every release', async () => {
  for (const fs of [...adapters, ext4Delalloc, xfsPageCache]) expect(await claimsOf(fs, fs.supports.eras)).toEqual([]);
});

describe('an adapter is told that it', () => {
  test.each(wrong)('%s', async (_what, fs, claim) => {
    expect(await claimsOf(fs)).toEqual([claim]);
  });
});

test('a lock may belong to some releases only', async () => {
  expect(await claimsOf(ext2, ['v4.12', 'v5.15'])).toEqual([]);
  const always = {
    ...ext2,
    locks: { ...ext2.locks, dax_sem: { kind: 'rwsem', scope: 'inode', eras: ['v5.15'] } },
  } as const;
  expect(await claimsOf(always as Filesystem, ['v4.12'])).toEqual(['ext2 does not declare locks.dax_sem']);
});

test('whoever is stuck or in error is not told that something is missing', async () => {
  const throws = kernelFunction('throws', function* (_env: Machine, vmf: VmFault) {
    yield awaitValue(vmf.slot.mapped, 0);
    throw new Error('boom');
  });
  const stuck: Filesystem = { ...says(ext2, { sync_faults: true }), vm_ops: { fault: throws } };
  expect(await claimsOf(stuck)).toEqual([]);
});
