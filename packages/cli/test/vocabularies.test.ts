import { traceLockOrders, traceVocabularies } from '@faultpath/integration';
import { checkTrace, readFaults } from '@faultpath/trace';
import { describe, expect, test } from 'vitest';

const options = { vocabularies: traceVocabularies, kernel: '6.1' };
const source = (...lines: readonly string[]): Uint8Array[] => [
  Buffer.from(
    lines
      .map(
        (text, at) =>
          `         writer-${text.includes('OTHER') ? 8 : 7}     [000] .....     1.00000${at}: ${text.replace('OTHER', '')}\n`,
      )
      .join(''),
  ),
];

const begin = 'page_fault_user: address=0x7f00 ip=0x1 error_code=0x7';
const end = 'sys_enter: NR 1';
const take = (how: string, sem: string, caller: string): string =>
  `down_${how}: (down_${how}+0x0/0xa0) sem=${sem} caller=${caller}+0x1/0x2`;
const drop = (how: string, sem: string, caller: string): string =>
  `up_${how}: (up_${how}+0x0/0xa0) sem=${sem} caller=${caller}+0x1/0x2`;
const page = (mask: string): string => `mm_page_alloc: page=0x1 pfn=0x1 order=0 migratetype=0 gfp_flags=${mask}`;

const locksOf = async (...lines: readonly string[]) => {
  const [fault] = (await readFaults(source(...lines), options)).faults;
  const taken = fault?.events.flatMap((event) =>
    event.type === 'lock' && event.action === 'acquired' ? [event.lock] : [],
  );
  return { fs: fault?.fs, taken };
};

describe('f2fs in a recording', () => {
  const mark = 'f2fs_vm_page_mkwrite: (f2fs_vm_page_mkwrite+0x0/0x10) vmf=0x1';

  test('is known by its events, and its locks by the functions that can mean one only', async () => {
    expect(
      await locksOf(
        begin,
        take('read', '0x1', 'lock_mm_and_find_vma'),
        mark,
        take('read', '0x2', 'f2fs_vm_page_mkwrite'),
        take('read', '0x3', 'f2fs_get_block_locked'),
        drop('read', '0x3', 'f2fs_get_block_locked'),
        take('read', '0x4', 'f2fs_do_map_lock'),
        drop('read', '0x4', 'f2fs_do_map_lock'),
        drop('read', '0x2', 'f2fs_vm_page_mkwrite'),
        drop('read', '0x1', 'do_user_addr_fault'),
        end,
      ),
    ).toEqual({ fs: 'f2fs', taken: ['mmap_lock', 'invalidate_lock', 'node_change', 'f2fs_do_map_lock'] });
  });

  test('has its classes by name on a kernel with lockdep', async () => {
    expect(
      await locksOf(
        begin,
        'lock_acquire: 0001 read &mm->mmap_lock',
        mark,
        'lock_acquire: 0002 read &sbi->cp_rwsem',
        'lock_acquire: 0003 read &sbi->node_change',
        'lock_release: 0003 &sbi->node_change',
        'lock_release: 0002 &sbi->cp_rwsem',
        'lock_release: 0001 &mm->mmap_lock',
        end,
      ),
    ).toEqual({ fs: 'f2fs', taken: ['mmap_lock', 'cp_rwsem', 'node_change'] });
  });

  test('has an operation told from what is locked exclusively inside it', async () => {
    const locks = await locksOf(
      begin,
      mark,
      take('read', '0x4', 'f2fs_setxattr'),
      take('write', '0x5', 'f2fs_setxattr'),
      end,
    );
    expect(locks).toEqual({ fs: 'f2fs', taken: ['cp_rwsem', 'f2fs_setxattr'] });
  });

  const create = (mask: string) => [
    take('read', '0x9', 'f2fs_create'),
    page(mask),
    drop('read', '0x9', 'f2fs_create'),
    `OTHER${take('write', '0x9', 'f2fs_lock_op')}`,
  ];

  test('must not enter filesystems inside an operation, which reclaim begins again', async () => {
    const rulesOf = async (mask: string) =>
      (await checkTrace(source(...create(mask), begin, mark, end), options)).findings.map(({ rule }) => rule);
    expect(await rulesOf('GFP_KERNEL')).toContain('gfp/fs-recursion');
    expect(await rulesOf('GFP_NOFS')).not.toContain('gfp/fs-recursion');
  });
});

describe('nilfs2 in a recording', () => {
  const transition = 'nilfs2_transaction_transition: sb = 1 ti = 2 count = 0 flags = 0 state = BEGIN';

  test('is known by its transactions, which hold ns_segctor_sem', async () => {
    expect(
      await locksOf(
        begin,
        take('read', '0x1', 'lock_mm_and_find_vma'),
        take('read', '0x5', 'nilfs_transaction_begin'),
        transition,
        drop('read', '0x5', 'nilfs_transaction_commit'),
        drop('read', '0x1', 'do_user_addr_fault'),
        end,
      ),
    ).toEqual({ fs: 'nilfs2', taken: ['mmap_lock', 'ns_segctor_sem'] });
  });
});

test('the bmaps of nilfs2, which nest, are classes of their own with lockdep', async () => {
  const transition = 'nilfs2_transaction_transition: sb = 1 ti = 2 count = 0 flags = 0 state = BEGIN';
  const nested = ['bmap->b_sem', 'nilfs_bmap_mdt_lock_key', 'nilfs_bmap_dat_lock_key'];
  const { taken } = await locksOf(
    begin,
    transition,
    ...nested.map((name, at) => `lock_acquire: 000${at} read &${name}`),
    ...nested.map((name, at) => `lock_release: 000${at} &${name}`).reverse(),
    end,
  );
  expect(taken).toEqual(['b_sem', 'mdt_b_sem', 'dat_b_sem']);
});

test('each filesystem that is read declares the order of its locks, in names that its vocabulary or the core has', () => {
  const orders = traceLockOrders();
  expect(Object.keys(orders).sort()).toEqual(traceVocabularies.map(({ fs }) => fs).sort());
  const own = { f2fs: ['cp_rwsem', 'node_change'], nilfs2: ['ns_segctor_sem'] };
  for (const [fs, names] of Object.entries(own)) {
    const vocabulary = traceVocabularies.find((each) => each.fs === fs);
    for (const name of names) expect([...(orders[fs] ?? [])].flat()).toContain(name);
    for (const name of names) expect(Object.keys(vocabulary?.locks ?? {})).toContain(name);
  }
});
