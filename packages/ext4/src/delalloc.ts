import { choose, type KernelFunction, kernelFunction, load, op, set, store, when } from '@faultpath/engine';
import {
  block_page_mkwrite,
  defineFilesystem,
  down_read,
  down_write,
  file_update_time,
  filemap_fault,
  filemap_map_pages,
  kmem_cache_alloc,
  lock_page,
  type Machine,
  type PageSlot,
  type SuperBlock,
  sb_end_pagefault,
  sb_start_pagefault,
  unlock_page,
  up_read,
  up_write,
  up_write_store,
  type VmFault,
} from '@faultpath/mm';
import { ext4 } from './adapter.ts';
import type { Ext4Inode } from './inode.ts';
import { __ext4_journal_start_sb, __ext4_journal_stop } from './journal.ts';
import { ext4_es_insert_extent, ext4_map_blocks } from './map-blocks.ts';
import { mkwriteInHandle } from './nodelalloc.ts';
import { ext4_setattr } from './truncate.ts';

/**
 * Reserves space for a page, and remembers that its block is to be allocated when the page is written. There is no
 * handle, and so no scope.
 *
 * @kernel fs/ext4/inode.c ext4_da_map_blocks v6.1
 * @locks the page, by the caller; takes i_data_sem shared, then exclusively, or before v6.1 only shared
 * @omits clusters; the reservation, which takes spinlocks only
 */
export const ext4_da_map_blocks = kernelFunction('ext4_da_map_blocks', function* (env: Machine, vmf: VmFault) {
  const { i_data_sem } = vmf.inode.i_private as Ext4Inode;
  const { mapped } = vmf.slot;
  if ((yield load(mapped)) === 1) return 0;
  const remembered = env.bounds.detail !== undefined && (yield choose(2, 'the hole is remembered')) === 1;
  if (remembered && env.era.esNofailRetry.is) return reserveBlock(env, vmf);
  yield down_read(i_data_sem);
  if (!env.era.esNofailRetry.is) {
    yield* ext4_es_insert_extent(env, vmf.inode.i_sb);
    yield store(mapped, 1);
    yield up_read(i_data_sem);
    return 0;
  }
  if (env.bounds.detail !== undefined) {
    yield* kmem_cache_alloc(env, {
      site: 'ext4_find_extent',
      mask: env.masks.of('GFP_NOFS|__GFP_ZERO'),
      charged: false,
    });
    yield* ext4_es_insert_extent(env, vmf.inode.i_sb);
  }
  yield up_read(i_data_sem);
  return reserveBlock(env, vmf);
});

/**
 * Reserves space for a page whose hole is known.
 *
 * @kernel fs/ext4/inode.c ext4_da_map_blocks v6.1
 * @locks as ext4_da_map_blocks
 * @omits looking again whether somebody else was faster
 */
const reserveBlock = kernelFunction('ext4_da_map_blocks', function* (env: Machine, vmf: VmFault) {
  const { i_data_sem } = vmf.inode.i_private as Ext4Inode;
  const { mapped } = vmf.slot;
  yield down_write(i_data_sem);
  yield* ext4_es_insert_extent(env, vmf.inode.i_sb);
  yield up_write_store(i_data_sem, mapped, 1);
  return 0;
});

/**
 * What `block_page_mkwrite` asks where allocation is delayed.
 *
 * @kernel fs/ext4/inode.c ext4_da_get_block_prep v6.1
 * @locks as ext4_da_map_blocks
 * @omits unwritten extents
 */
export const ext4_da_get_block_prep = kernelFunction(
  'ext4_da_get_block_prep',
  function* (env: Machine, vmf: VmFault, _create: number) {
    yield* ext4_da_map_blocks(env, vmf);
    return 0;
  },
);

/**
 * Makes a page writable, with its allocation delayed; in the detail that recordings show also without, as where the disk is
 * nearly full.
 *
 * @kernel fs/ext4/inode.c ext4_page_mkwrite v6.1
 * @locks mmap_lock shared on entry. Takes sb_pagefaults shared, the time's own handle, invalidate_lock shared; returns
 * with the page locked and the others released
 * @omits inline data; data=journal; retries after ENOSPC
 */
export const ext4_page_mkwrite = kernelFunction('ext4_page_mkwrite', function* (env: Machine, vmf: VmFault) {
  const { i_sb, i_mapping } = vmf.inode;
  yield sb_start_pagefault(i_sb);
  yield* file_update_time(env, vmf.inode);
  yield down_read(i_mapping.invalidate_lock);
  const now = env.bounds.detail !== undefined && (yield choose(2, 'blocks are allocated at once')) === 1;
  const ret = yield* now ? mkwriteInHandle(env, vmf) : block_page_mkwrite(env, vmf);
  yield up_read(i_mapping.invalidate_lock);
  yield sb_end_pagefault(i_sb);
  return ret;
});

/**
 * Writes a dirty page: the handle first, then the page's lock, then i_data_sem to allocate the block.
 *
 * @kernel fs/ext4/inode.c ext4_do_writepages v6.1
 * @locks opens a handle; inside it locks the page and takes i_data_sem exclusively; all released
 * @omits s_writepages_rwsem, which nobody wants exclusively; several pages at a time; the I/O
 */
export const ext4_do_writepages = kernelFunction(
  'ext4_do_writepages',
  function* (env: Machine, sb: SuperBlock, slot: PageSlot, { i_data_sem }: Ext4Inode) {
    yield* __ext4_journal_start_sb(env, sb);
    if ((yield lock_page(slot)) === 1) {
      yield down_write(i_data_sem);
      yield up_write(i_data_sem);
      if (slot.dirty !== undefined) yield store(slot.dirty, 0);
      yield* unlock_page(env, slot);
    }
    yield* __ext4_journal_stop(env, sb);
    return 0;
  },
);

/**
 * The flusher: writes whatever is dirty, whenever it likes.
 *
 * @kernel fs/fs-writeback.c wb_workfn v6.1
 * @locks as ext4_do_writepages
 * @omits s_umount, which it takes shared; inodes without dirty pages
 */
export const wb_workfn = kernelFunction('wb_workfn', function* (env: Machine, sb: SuperBlock) {
  const pages = env.files
    .filter(({ i_sb }) => i_sb === sb)
    .flatMap((inode) => inode.i_mapping.i_pages.map((slot) => ({ slot, inode })));
  const picked = yield op(
    'pick a dirty page',
    pages.flatMap(({ slot: { dirty } }, index) =>
      dirty === undefined ? [] : [{ when: [when(dirty, '==', 1)], does: [set(dirty, 1)], result: index }],
    ),
  );
  const { slot, inode } = pages[picked] as (typeof pages)[number];
  yield* ext4_do_writepages(env, sb, slot, inode.i_private as Ext4Inode);
  return 0;
});

/**
 * Reads pages: looks their extents up, one after the other.
 *
 * @kernel fs/ext4/readpage.c ext4_mpage_readpages v6.1
 * @locks as ext4_map_blocks
 * @omits encryption, verity; the I/O
 */
export const ext4_mpage_readpages: KernelFunction<[Machine, VmFault], number> = kernelFunction(
  'ext4_mpage_readpages',
  function* (env: Machine, vmf: VmFault) {
    yield* ext4_map_blocks(env, vmf, 0);
    if ((yield choose(2, 'another extent is to be read')) === 0) return 0;
    return ext4_mpage_readpages(env, vmf);
  },
);

/** ext4 without DAX, as it is mounted by default: its pages are in the page cache, and their allocation is delayed. */
export const ext4Delalloc = defineFilesystem({
  ...ext4,
  supports: { ...ext4.supports, eras: ['v5.15', 'v6.1', 'v6.12'], dax: false, sync_faults: false, page_cache: true },
  vm_ops: { fault: filemap_fault, page_mkwrite: ext4_page_mkwrite, map_pages: filemap_map_pages },
  a_ops: { readahead: ext4_mpage_readpages, get_block: ext4_da_get_block_prep },
  f_op: { truncate: ext4_setattr },
  threads: [
    ...ext4.threads,
    { name: 'flusher', start: (env, sb) => wb_workfn(env, sb), needed: (env) => env.files.length > 0 },
  ],
});
