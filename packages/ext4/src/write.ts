import { kernelFunction } from '@faultpath/engine';
import {
  __alloc_pages,
  down_write,
  file_update_time,
  type Inode,
  kmem_cache_alloc,
  type Machine,
  sb_end_write,
  sb_start_write,
  up_write,
} from '@faultpath/mm';
import type { Ext4Inode } from './inode.ts';
import { __ext4_journal_start_sb, __ext4_journal_stop } from './journal.ts';

/**
 * Makes the page that is written, and its block. The page comes before the handle, so that it may be allocated with
 * whatever the mapping allows.
 *
 * @kernel fs/ext4/inode.c ext4_write_begin v6.1
 * @locks i_rwsem exclusively on entry; opens a handle, takes i_data_sem exclusively inside
 * @omits the page's lock, let go before the handle is opened and then wanted only by who writes the page; delayed
 * allocation, which opens this handle later or not at all; nodes of the tree, allocated with the page's mask
 */
export const ext4_write_begin = kernelFunction('ext4_write_begin', function* (env: Machine, inode: Inode) {
  const { gfp_mask } = inode.i_mapping;
  yield* __alloc_pages(env, { site: '__filemap_get_folio', mask: gfp_mask, charged: false, mapping: gfp_mask });
  yield* kmem_cache_alloc(env, { site: 'alloc_page_buffers', mask: env.masks.of('GFP_NOFS'), charged: false });
  yield* allocateBlock(env, inode);
  return 0;
});

/**
 * A handle, and in it the block.
 *
 * @kernel fs/ext4/inode.c _ext4_get_block v6.1
 * @locks as ext4_write_begin
 * @omits a block that is there already; memory for the extent tree, allocated without `__GFP_FS`
 */
const allocateBlock = kernelFunction('_ext4_get_block', function* (env: Machine, inode: Inode) {
  const { i_data_sem } = inode.i_private as Ext4Inode;
  yield* __ext4_journal_start_sb(env, inode.i_sb);
  yield down_write(i_data_sem);
  yield up_write(i_data_sem);
  yield* __ext4_journal_stop(env, inode.i_sb);
  return 0;
});

/**
 * Writes past the page cache. What keeps the book of the I/O is allocated as by anybody, under i_rwsem and with no handle
 * open.
 *
 * @kernel fs/direct-io.c do_blockdev_direct_IO v4.9
 * @locks i_rwsem exclusively on entry; opens a handle, takes i_data_sem exclusively inside
 * @omits bios, allocated with the same mask; writes that overwrite under i_rwsem shared; from v5.15 on iomap does this,
 * and allocates with the same mask in __iomap_dio_rw
 */
export const do_blockdev_direct_IO = kernelFunction('do_blockdev_direct_IO', function* (env: Machine, inode: Inode) {
  yield* kmem_cache_alloc(env, { site: 'do_blockdev_direct_IO', mask: env.masks.of('GFP_KERNEL'), charged: false });
  yield* allocateBlock(env, inode);
  return 0;
});

/**
 * Writes to a file: its times in a handle of their own, then a page.
 *
 * @kernel fs/ext4/file.c ext4_file_write_iter v6.1
 * @locks takes sb_writers shared, which the caller does, and i_rwsem exclusively; all released
 * @omits files on DAX, which have no pages; sizes that change; O_SYNC
 */
export const ext4_file_write_iter = kernelFunction(
  'ext4_file_write_iter',
  function* (env: Machine, inode: Inode, direct: number) {
    yield sb_start_write(inode.i_sb);
    yield down_write(inode.i_rwsem);
    yield* file_update_time(env, inode);
    if (direct === 1) yield* do_blockdev_direct_IO(env, inode);
    else yield* ext4_write_begin(env, inode);
    yield up_write(inode.i_rwsem);
    yield sb_end_write(inode.i_sb);
    return 0;
  },
);
