import { choose, kernelFunction, load } from '@faultpath/engine';
import {
  __mark_inode_dirty,
  atomicAllocation,
  down_read_load,
  down_write,
  IOMAP,
  kmem_cache_alloc,
  type Machine,
  type SuperBlock,
  up_read,
  up_write_store,
  type VmFault,
  writesFile,
} from '@faultpath/mm';
import { decides } from './decisions.ts';
import type { Ext4Inode } from './inode.ts';
import { __ext4_journal_start_sb, __ext4_journal_stop } from './journal.ts';
import { ext4_mb_new_blocks } from './mballoc.ts';

/**
 * Remembers an extent. The entry is first allocated without sleeping; newer releases fall back to an allocation that
 * cannot fail, under i_data_sem and outside any scope where no handle is open.
 *
 * @kernel fs/ext4/extents_status.c ext4_es_insert_extent v6.1
 * @locks i_data_sem is held by the caller; i_es_lock is not modelled
 * @omits the tree
 */
export const ext4_es_insert_extent = kernelFunction('ext4_es_insert_extent', function* (env: Machine, sb: SuperBlock) {
  yield atomicAllocation(env, '__es_insert_extent', env.masks.of('GFP_ATOMIC'));
  if (!env.bounds.allocationFailure || !env.era.esNofailRetry.is) return 0;
  if ((yield choose(2, 'GFP_ATOMIC fails')) === 0) return 0;
  yield* kmem_cache_alloc(env, {
    site: '__es_alloc_extent',
    mask: env.masks.of(decides(sb, 'esRetryNofs') ? 'GFP_NOFS|__GFP_NOFAIL' : 'GFP_KERNEL|__GFP_NOFAIL'),
    charged: false,
  });
  return 0;
});

/**
 * Looks a block up, or allocates it: gives the type of the extent.
 *
 * @kernel fs/ext4/inode.c ext4_map_blocks v6.1
 * @locks takes i_data_sem, shared to look up and exclusively to allocate; a handle is open where it allocates
 * @omits the extent tree, bitmaps and group locks, all taken with GFP_NOFS inside i_data_sem and wanted by nobody
 * else; zeroing the block
 */
export const ext4_map_blocks = kernelFunction(
  'ext4_map_blocks',
  function* (env: Machine, vmf: VmFault, create: number) {
    const { i_data_sem } = vmf.inode.i_private as Ext4Inode;
    const { mapped } = vmf.slot;
    const path = { site: 'ext4_find_extent', mask: env.masks.of('GFP_NOFS|__GFP_ZERO'), charged: false };
    if (create === 0) {
      const cached = env.bounds.detail !== undefined && (yield choose(2, 'the extent is remembered')) === 1;
      if (cached) return (yield load(mapped)) === 1 ? IOMAP.MAPPED : IOMAP.HOLE;
      const found = yield down_read_load(i_data_sem, mapped);
      yield* kmem_cache_alloc(env, path);
      yield* ext4_es_insert_extent(env, vmf.inode.i_sb);
      yield up_read(i_data_sem);
      return found === 1 ? IOMAP.MAPPED : IOMAP.HOLE;
    }
    yield down_write(i_data_sem);
    yield* kmem_cache_alloc(env, path);
    const there = env.bounds.detail !== undefined && (yield choose(2, 'the block is there, unwritten')) === 1;
    if (!there) {
      // Counting the new block changes the inode: one more start, which nests.
      yield* __mark_inode_dirty(env, vmf.inode.i_sb, 'I_DIRTY_SYNC');
      yield* ext4_mb_new_blocks(env, vmf);
    }
    yield* ext4_es_insert_extent(env, vmf.inode.i_sb);
    yield up_write_store(i_data_sem, mapped, 1);
    return IOMAP.MAPPED;
  },
);

/**
 * Gives the extent of a fault's page. A write into a hole allocates in a handle, nested where one is open.
 *
 * @kernel fs/ext4/inode.c ext4_iomap_begin v6.1
 * @locks i_data_sem inside; for a fault the DAX entry, and for a write the handle, are held by the caller
 * @omits inline data, retries after ENOSPC
 */
export const ext4_iomap_begin = kernelFunction('ext4_iomap_begin', function* (env: Machine, vmf: VmFault) {
  const { i_sb } = vmf.inode;
  const write = writesFile(vmf);
  // Up to v4.12 every call that writes opens a handle, also over blocks that are there.
  const lookUpFirst = !write || env.era.holePage.is === 'zero-page';
  if (lookUpFirst) {
    const type = yield* ext4_map_blocks(env, vmf, 0);
    if (!write || type === IOMAP.MAPPED) return type;
  }
  yield* __ext4_journal_start_sb(env, i_sb);
  const type = yield* ext4_map_blocks(env, vmf, 1);
  yield* __ext4_journal_stop(env, i_sb);
  return type;
});

/**
 * Gives the block of a fault's page, as DAX asked for it before iomap.
 *
 * @kernel fs/ext4/inode.c ext4_dax_get_block v4.9
 * @locks as ext4_iomap_begin
 * @omits unwritten extents
 */
export const ext4_dax_get_block = kernelFunction(
  'ext4_dax_get_block',
  function* (env: Machine, vmf: VmFault, create: number) {
    const { i_sb } = vmf.inode;
    if (create === 0) return ext4_map_blocks(env, vmf, 0);
    yield* __ext4_journal_start_sb(env, i_sb);
    const type = yield* ext4_map_blocks(env, vmf, 1);
    yield* __ext4_journal_stop(env, i_sb);
    return type;
  },
);
