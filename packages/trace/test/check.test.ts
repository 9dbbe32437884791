import type { TraceVocabulary } from '@faultpath/lockdep';
import { describe, expect, test } from 'vitest';
import { checkTrace, type TraceReport } from '../src/index.ts';
import { fixture, line, textSource, vocabularies } from './recordings.ts';

const check = (text: string): Promise<TraceReport> => checkTrace(textSource(text), { vocabularies });
const ids = (report: TraceReport): readonly string[] => report.findings.map(({ rule }) => rule);

const take = (time: string, sem: string, caller: string): string =>
  line(time, `down_write: (down_write+0x0/0x1) sem=${sem} caller=${caller}+0x1/0x2`);
const drop = (time: string, sem: string): string =>
  line(time, `up_write: (up_write+0x0/0x1) sem=${sem} caller=f+0x1/0x2`);

describe('recordings of sound kernels', () => {
  test.each([
    '5.10-ext4-dax-read-hole',
    '6.1-ext4-dax-write-hole',
    '6.1-ext4-page-write-hole',
    '6.1-xfs-dax-write-hole',
    '7.2-ext4-dax-write-hole',
    'lockdep-6.1-ext4-dax-write-hole',
    'lockdep-6.1-xfs-dax-write-hole',
    'xfs-dax-write-hole.report',
  ])('%s: no finding', async (name) => {
    const report = await checkTrace(fixture(name), { vocabularies });
    expect(report.findings).toEqual([]);
    expect(report.recording.unreadable.count).toBe(0);
    expect(report.recording.events).toBeGreaterThan(20);
  });
});

describe('lock order', () => {
  const both = (second: string, first: string): string =>
    take('1.0', first, first === '0x1' ? 'ext4_map_blocks' : 'ext4_xattr_get') +
    take('1.1', second, second === '0x1' ? 'ext4_map_blocks' : 'ext4_xattr_get') +
    drop('1.2', second) +
    drop('1.3', first);

  test('two orders are a cycle', async () => {
    expect(ids(await check(both('0x2', '0x1') + both('0x1', '0x2')))).toContain('lockdep/circular');
  });

  test('one order, twice, is none', async () => {
    expect(ids(await check(both('0x2', '0x1') + both('0x2', '0x1')))).not.toContain('lockdep/circular');
  });

  test.each([true, false])(
    'each of two tasks that do the same has lines of its own, from memory: %s',
    async (fromMemory) => {
      const turns = both('0x2', '0x1') + both('0x1', '0x2');
      const other = turns.replaceAll(/^ *\S+/gm, '           other-9');
      const text = turns.repeat(5) + other.repeat(5);
      const { findings } = await checkTrace(textSource(text), { vocabularies, fromMemory });
      const [first, second] = findings[0]?.because ?? [];
      expect(second?.task).toBe('other-9');
      expect(first?.task).not.toBe('other-9');
      const lines = text.split('\n');
      for (const each of [first, second]) expect(lines[(each?.where?.line ?? 0) - 1]).toContain(`${each?.task} `);
      expect(second?.where?.line).toBeGreaterThan(turns.repeat(5).split('\n').length - 1);
    },
  );

  test('the locks of one name that two kinds of filesystems have are two', async () => {
    const inside = (time: string, sem: string, caller: string): string =>
      line(time, `down_read: (down_read+0x0/0x1) sem=${sem} caller=${caller}+0x1/0x2`);
    const done = (time: string, sem: string): string =>
      line(time, `up_read: (up_read+0x0/0x1) sem=${sem} caller=f+0x1/0x2`);
    const orders = (fault: string): string =>
      inside('1.0', '0x1', 'ext4_page_mkwrite') +
      take('1.1', '0x5', 'mmap_region') +
      drop('1.2', '0x5') +
      done('1.3', '0x1') +
      take('2.0', '0x5', 'mmap_region') +
      take('2.1', '0x2', fault) +
      drop('2.2', '0x2') +
      drop('2.3', '0x5');
    expect(ids(await check(orders('ext4_setattr')))).toContain('lockdep/circular');
    const callers = [{ caller: 'otherfs_setattr', lock: 'invalidate_lock', kind: 'rwsem' as const }];
    const other: TraceVocabulary = { name: 'otherfs', fs: 'otherfs', locks: {}, callers };
    const source = textSource(orders('otherfs_setattr'));
    const { findings } = await checkTrace(source, { vocabularies: [...vocabularies, other] });
    expect(findings.map(({ rule, level }) => [rule, level])).toEqual([['lockdep/circular', 'note']]);
  });

  test('a cycle through locks that only their callers name is a note', async () => {
    const turn = (one: string, other: string): string =>
      take('1.0', one, one === '0x1' ? 'some_function' : 'ext4_xattr_get') +
      take('1.1', other, other === '0x1' ? 'some_function' : 'ext4_xattr_get') +
      drop('1.2', other) +
      drop('1.3', one);
    const report = await check(turn('0x1', '0x2') + turn('0x2', '0x1'));
    expect(report.findings.map(({ rule, level }) => [rule, level])).toEqual([['lockdep/circular', 'note']]);
  });

  test('a lock that an unknown function takes twice is no class', async () => {
    const text = take('1.0', '0x1', 'some_function') + take('1.1', '0x2', 'some_function') + drop('1.2', '0x2');
    expect(ids(await check(text))).toEqual([]);
  });
});

describe('an allocation under an open handle', () => {
  const handle = (mask: string): string =>
    line(
      '1.0',
      'ext4_journal_start: dev 259,0 blocks 3, rsv_blocks 0, revoke_creds 8, caller ext4_setattr+0x1/0x2 [ext4]',
    ) +
    line('1.1', 'jbd2_handle_start: dev 259,0 tid 3 type 2 line_no 718 requested_blocks 25') +
    line('1.2', `mm_page_alloc: page=0x1 pfn=0x2 order=0 migratetype=0 gfp_flags=${mask}`) +
    line(
      '1.3',
      'jbd2_handle_stats: dev 259,0 tid 3 type 2 line_no 718 interval 0 sync 0 requested_blocks 25 dirtied_blocks 0',
    );

  test('with FS, reclaim could wait for the handle itself', async () => {
    expect(ids(await check(handle('GFP_KERNEL')))).toEqual(['gfp/fs-recursion']);
  });

  test('without FS, or without sleeping, it cannot', async () => {
    expect(ids(await check(handle('GFP_NOFS')))).toEqual([]);
    expect(ids(await check(handle('GFP_NOWAIT')))).toEqual([]);
  });
});

test('a finding says where it was seen', async () => {
  const text =
    take('1.0', '0x1', 'ext4_map_blocks') +
    take('1.1', '0x2', 'ext4_xattr_get') +
    drop('1.2', '0x2') +
    drop('1.3', '0x1') +
    take('1.4', '0x2', 'ext4_xattr_get') +
    take('1.5', '0x1', 'ext4_map_blocks');
  const report = await check(text);
  const places = report.findings.flatMap(({ because }) => because.map(({ where }) => where));
  expect(places).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ line: expect.any(Number), timestamp: expect.any(String), cpu: 0 }),
    ]),
  );
});

describe('what a recording cannot tell', () => {
  test('rules without their knowledge do not run, and name the probe', async () => {
    const report = await check(take('1.0', '0x1', 'ext4_map_blocks') + drop('1.1', '0x1'));
    const notrun = new Map(report.notrun.map((entry) => [entry.id, entry]));
    expect(notrun.get('gfp/fs-recursion')).toMatchObject({ probe: expect.any(String) });
    expect(notrun.get('gfp/mapping-mask')).toMatchObject({ probe: expect.stringContaining('mapping') });
    expect(notrun.get('fault/contract')).toBeDefined();
    expect(notrun.has('lockdep/circular')).toBe(false);
  });
});

describe('reclaim inside a fault', () => {
  const fault = (middle: string): string =>
    line('2.0', 'page_fault_user: address=0x7f00 ip=0x1 error_code=0x6', 'faults-392', 'd....') +
    line('2.1', 'handle_mm_fault: (handle_mm_fault+0x0/0x1) address=0x7f00 flags=0x255') +
    line('2.2', 'ext4_dax_huge_fault: (ext4_dax_huge_fault+0x0/0x1 [ext4]) vmf=0x1') +
    middle +
    line('2.8', 'handle_mm_fault_ret: (do_user_addr_fault+0x1/0x2 <- handle_mm_fault) ret=0x100') +
    line('2.9', 'tracing_mark_write: end');
  const reclaim =
    line('2.3', 'mm_vmscan_direct_reclaim_begin: order=0 gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_ZERO') +
    take('2.4', '0x9', 'ext4_map_blocks') +
    drop('2.5', '0x9') +
    line('2.6', 'mm_vmscan_direct_reclaim_end: nr_reclaimed=32');

  test('belongs to the allocation that entered it', async () => {
    const page = 'mm_page_alloc: page=0x1 pfn=0x2 order=0 migratetype=0 gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_ZERO';
    const [only] = (await check(fault(reclaim + line('2.7', page)))).faults;
    expect(only?.reclaims).toEqual([
      expect.objectContaining({
        via: 'direct',
        took: ['i_data_sem'],
        enteredBy: expect.objectContaining({ site: 'page-table' }),
      }),
    ]);
  });

  test('belongs to nobody when no allocation with that mask follows', async () => {
    const page = 'mm_page_alloc: page=0x1 pfn=0x2 order=0 migratetype=0 gfp_flags=GFP_NOFS';
    const [only] = (await check(fault(reclaim + line('2.7', page)))).faults;
    expect(only?.reclaims[0]).not.toHaveProperty('enteredBy');
  });
});

describe('the order of locks', () => {
  const under = (outer: string, inner: string): string =>
    line('1.0', 'ext4_mark_inode_dirty: dev 1,1 ino 1 caller f') +
    line('1.000001', `down_read: (down_read+0x0/0x60) sem=0xff01 caller=${outer}+0x1/0x2`) +
    line('1.000002', `down_read: (down_read+0x0/0x60) sem=0xff02 caller=${inner}+0x1/0x2`);
  const lockOrders = { ext4: ['invalidate_lock', 'i_data_sem'], xfs: ['i_data_sem', 'invalidate_lock'] };
  const check = (text: string, orders: typeof lockOrders | undefined = lockOrders) =>
    checkTrace(textSource(text), { vocabularies, ...(orders === undefined ? {} : { lockOrders: orders }) });

  test('is that of the filesystem in the recording, and no other', async () => {
    const wrong = await check(under('ext4_map_blocks', 'ext4_dax_huge_fault'));
    expect(wrong.findings.map(({ rule }) => rule)).toEqual(['lock/order']);
    expect((await check(under('ext4_dax_huge_fault', 'ext4_map_blocks'))).findings).toEqual([]);
  });

  test('is not judged where no filesystem with an order was seen', async () => {
    const text = line('1.000001', 'down_read: (down_read+0x0/0x60) sem=0xff01 caller=f+0x1/0x2');
    expect((await check(text)).notrun.map(({ id }) => id)).toContain('lock/order');
    expect((await check(under('ext4_dax_huge_fault', 'f'))).notrun.map(({ id }) => id)).not.toContain('lock/order');
  });
});
