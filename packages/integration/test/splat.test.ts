import { readFileSync } from 'node:fs';
import { answerSilence, answerSplat, readSplats, type SilenceAnswer, type SplatAnswer } from '@faultpath/lockdep';
import { beforeAll, describe, expect, test } from 'vitest';
import { type SplatModelsOptions, splatModels } from '../src/index.ts';

const shared = new URL('../../lockdep/test/fixtures/splats/', import.meta.url);
const log = (name: string): string => readFileSync(new URL(`${name}.txt`, shared), 'utf8');

async function ask(
  text: string,
  options: SplatModelsOptions = {},
): Promise<{ answers: readonly SplatAnswer[]; silence: SilenceAnswer }> {
  const reading = await readSplats(text.split('\n'));
  const models = await splatModels(reading, options);
  return {
    answers: reading.reports.map((report) => answerSplat(report, { models })),
    silence: answerSilence(reading, { models }),
  };
}

const only = async (text: string, options: SplatModelsOptions = {}): Promise<SplatAnswer> =>
  (await ask(text, options)).answers[0] as SplatAnswer;

/** Functions by which a model makes a dependency. */
function makersOf(answer: SplatAnswer, from: string, to: string, model: string): readonly string[] | undefined {
  const edge = answer.edges.find((each) => each.edge.from === from && each.edge.to === to);
  return edge?.known.find((each) => each.model === model)?.functions;
}

describe('03b: eviction under invalidate_lock', () => {
  const lock = 'mapping.invalidate_lock#4';
  const changed = 'xfs v6.1+alloc-in-grab+evict-invalidate-lock';
  let answer: SplatAnswer;
  beforeAll(async () => {
    answer = await only(log('03b-xfs-dax-kmalloc+evict-inval'));
  });

  test('an allocation under the lock is nothing new in xfs', () => {
    expect(makersOf(answer, lock, 'fs_reclaim', 'xfs v6.1')).toContain('pte_alloc_one');
    expect(makersOf(answer, lock, 'fs_reclaim', 'xfs v6.1')).not.toContain('xas_nomem');
    expect(makersOf(answer, lock, 'fs_reclaim', changed)).toContain('xas_nomem');
  });

  test('only the changed kernel takes the lock in reclaim', () => {
    expect(makersOf(answer, 'fs_reclaim', lock, 'xfs v6.1')).toBeUndefined();
    expect(makersOf(answer, 'fs_reclaim', lock, changed)).toEqual(['evict']);
  });

  test('it cannot happen: the two inodes are never one', () => {
    expect(answer.allKnown).toBe(true);
    expect(answer.feasibility).toMatchObject({ verdict: 'infeasible', why: expect.stringContaining('unreferenced') });
    expect(answer.remarks.join()).toContain('no deadlock; every schedule');
  });
});

describe('07: an allocation under the ILOCK', () => {
  test('the release has one half, the change the other, and the inodes differ', async () => {
    const answer = await only(log('07-xfs-dax-ilock-gfpkernel'));
    const lock = '&xfs_nondir_ilock_class';
    expect(makersOf(answer, 'fs_reclaim', lock, 'xfs v6.1')).toEqual(['xfs_can_free_eofblocks']);
    expect(makersOf(answer, lock, 'fs_reclaim', 'xfs v6.1')).toBeUndefined();
    expect(makersOf(answer, lock, 'fs_reclaim', 'xfs v6.1+alloc-under-ilock')).toEqual([
      'xfs_direct_write_iomap_begin',
    ]);
    expect(answer.feasibility.verdict).toBe('infeasible');
    expect(answer.remarks.join()).toContain('no deadlock; every schedule');
  });
});

describe('09: transactions without a scope', () => {
  test('the reported cycle cannot happen, and the change hangs all the same', async () => {
    const answer = await only(log('09-xfs-dax-trans-no-nofs'));
    const lock = '&xfs_nondir_ilock_class';
    expect(makersOf(answer, lock, 'fs_reclaim', 'xfs v6.1')).toBeUndefined();
    expect(makersOf(answer, lock, 'fs_reclaim', 'xfs v6.1+transaction-without-scope')).toContain('xfs_inode_item_init');
    expect(answer.feasibility.verdict).toBe('infeasible');
    expect(answer.remarks.join()).toContain('it fails where the release does not');
    expect(answer.remarks.join()).toContain('xlog_grant_head_wait');
  });
});

describe('14: a lock that no model has', () => {
  test('both dependencies are unknown, and the cycle is open', async () => {
    const answer = await only(log('14-shrinker-mutex'));
    expect(answer.edges.map(({ known }) => known)).toEqual([[], []]);
    expect(answer.allKnown).toBe(false);
    expect(answer.feasibility).toMatchObject({ verdict: 'undecided', why: expect.stringContaining('lab_mutex') });
  });
});

describe('runs in which lockdep stayed silent', () => {
  test('01: the allocation adds no deadlock to any filesystem', async () => {
    const { remarks } = (await ask(log('01-dax-kmalloc-only'))).silence;
    const of = (fs: string): string | undefined =>
      remarks[remarks.findIndex((remark) => remark.startsWith(`${fs} v6.1+alloc-in-grab`)) + 1];
    expect(of('xfs')).toContain('no deadlock; every schedule');
    expect(of('ext2')).toContain('no deadlock; every schedule');
    // A read fault with lazytime hangs on the released ext4 already.
    expect(of('ext4')).toContain('no deadlock that the release does not have too');
  });

  test('11b: without the scope, reclaim of another mount starts a handle inside a handle', async () => {
    const { remarks } = (await ask(log('11b-ext4-dax-nonofs-kmalloc-lazytime'))).silence;
    const at = remarks.findIndex((remark) => remark.startsWith('ext4 v6.1+handle-without-scope'));
    expect(remarks.slice(at).join()).toContain('jbd2/foreign-handle');
    // On one mount the start nests in the handle that is open: the kernel that ran had one.
    expect(remarks.slice(at).join()).toMatch(/nothing new in: .*write faults on two files/);
    expect(remarks.some((remark) => remark.startsWith('xfs'))).toBe(false);
  });

  test('a header that names no known change gets no more than that silence proves nothing', async () => {
    const { remarks } = (await ask('# fs=ext2 :: something else\n# NO SPLAT\n')).silence;
    expect(remarks.some((remark) => remark.startsWith('ext2'))).toBe(false);
    expect(remarks.length).toBeGreaterThan(0);
  });
});

/** Made up, in the kernel's form: reclaim wants the journal's handle, and somebody allocates with one open. */
const handles = (kernel: string): string => `
======================================================
WARNING: possible circular locking dependency detected
${kernel} #1 Not tainted
------------------------------------------------------
kswapd0/29 is trying to acquire lock:
ff11000004a031f8 (jbd2_handle){++++}-{0:0}, at: start_this_handle+0x1/0x2
but task is already holding lock:
ffffffff81ff0840 (fs_reclaim){+.+.}-{0:0}, at: balance_pgdat+0x2dc/0x610
which lock already depends on the new lock.
the existing dependency chain (in reverse order) is:
-> #1 (fs_reclaim){+.+.}-{0:0}:
       fs_reclaim_acquire+0x68/0xa0
       ext4_iomap_begin+0x1/0x2
-> #0 (jbd2_handle){++++}-{0:0}:
       start_this_handle+0x1/0x2
       ext4_dirty_inode+0x1/0x2
stack backtrace:
Call Trace:
 start_this_handle+0x1/0x2
`;

/** Made up in the kernel's form, after what b3a033e3ecd3 describes: a symbolic link's page inside a transaction. */
const symlink = `
======================================================
WARNING: possible circular locking dependency detected
5.15.0 #1 Not tainted
------------------------------------------------------
kswapd0/75 is trying to acquire lock:
ffff888000000001 (sb_internal#2){.+.+}-{0:0}, at: nilfs_evict_inode+0x1/0x2
but task is already holding lock:
ffffffff8d1fd5c0 (fs_reclaim){+.+.}-{0:0}, at: balance_pgdat+0x1/0x2
which lock already depends on the new lock.
the existing dependency chain (in reverse order) is:
-> #2 (fs_reclaim){+.+.}-{0:0}:
       fs_reclaim_acquire+0x1/0x2
       nilfs_symlink+0x1/0x2
-> #1 (&nilfs->ns_segctor_sem){++++}-{3:3}:
       down_read+0x1/0x2
       nilfs_transaction_begin+0x1/0x2
-> #0 (sb_internal#2){.+.+}-{0:0}:
       nilfs_transaction_begin+0x1/0x2
       nilfs_evict_inode+0x1/0x2
stack backtrace:
Call Trace:
 nilfs_evict_inode+0x1/0x2
`;

describe('a report that is real', () => {
  test('nilfs2 v5.15 hangs as it says', async () => {
    const answer = await only(symlink);
    expect(answer.allKnown).toBe(true);
    expect(answer.feasibility.verdict).toBe('witnessed');
    expect(answer.remarks.join()).toContain('pfmemalloc_wait');
  });

  test('the release that took FS out of that mask does not know the dependency', async () => {
    const answer = await only(symlink, { era: 'v6.12' });
    expect(answer.allKnown).toBe(false);
    expect(answer.feasibility.verdict).toBe('undecided');
  });
});

describe('which model is asked', () => {
  test('the release is the printed one: v4.9 allocates with an open handle, and hangs', async () => {
    const answer = await only(handles('4.9.0'));
    expect(makersOf(answer, 'jbd2_handle', 'fs_reclaim', 'ext4 v4.9')).not.toHaveLength(0);
    expect(answer.feasibility.verdict).toBe('witnessed');
    expect(answer.remarks[0]).toMatch(/^ext4 v4.9 hangs/);
    expect(answer.remarks.filter((line) => line.startsWith('ext4'))).toHaveLength(1);
  });

  test('v6.1 does so only where its scope is taken away', async () => {
    const answer = await only(handles('6.1.0'));
    expect(makersOf(answer, 'jbd2_handle', 'fs_reclaim', 'ext4 v6.1')).toBeUndefined();
    expect(makersOf(answer, 'jbd2_handle', 'fs_reclaim', 'ext4 v6.1+handle-without-scope')).not.toHaveLength(0);
  });

  test('an era that is asked for goes before the printed release', async () => {
    const answer = await only(handles('4.9.0'), { era: 'v6.1' });
    expect(answer.edges.flatMap(({ known }) => known.map(({ model }) => model))).not.toContain('ext4 v4.9');
  });

  test('a filesystem that is asked for is the only one', async () => {
    const answer = await only(handles('4.9.0'), { fs: 'ext2' });
    expect(answer.edges.flatMap(({ known }) => known)).toEqual([]);
    expect(answer.feasibility.verdict).toBe('undecided');
  });

  test.each([{ fs: 'nofs' }, { era: 'v9.9' }])('%o is a mistake', async (options) => {
    await expect(ask(handles('4.9.0'), options)).rejects.toMatchObject({ code: 'CONFORMANCE_UNKNOWN_VALUE' });
  });
});
