import { choose, kernelFunction, store } from '@faultpath/engine';
import { IOMAP, kmem_cache_alloc, lock_page, type Machine, unlock_page, VM_FAULT, type VmFault } from '@faultpath/mm';
import { __ext4_journal_start_sb, __ext4_journal_stop } from './journal.ts';
import { ext4_map_blocks } from './map-blocks.ts';

/**
 * Looks a block up, and allocates it where there is none.
 *
 * @kernel fs/ext4/inode.c _ext4_get_block v6.1
 * @locks as ext4_map_blocks; the page and a handle by the caller
 * @omits unwritten extents apart
 */
const _ext4_get_block = kernelFunction('_ext4_get_block', function* (env: Machine, vmf: VmFault) {
  const type = yield* ext4_map_blocks(env, vmf, 0);
  if (type !== IOMAP.MAPPED) yield* ext4_map_blocks(env, vmf, 1);
  return 0;
});

/**
 * What block_page_mkwrite does with a block that is allocated at once.
 *
 * @kernel fs/buffer.c block_page_mkwrite v6.1
 * @locks a handle is open; returns with the page locked
 * @omits as block_page_mkwrite
 */
const mkwriteAllocating = kernelFunction('block_page_mkwrite', function* (env: Machine, vmf: VmFault) {
  const { slot } = vmf;
  if ((yield lock_page(slot)) === 0) return VM_FAULT.NOPAGE;
  if ((yield choose(2, 'the page has buffers')) === 0) {
    const mask = env.masks.of('GFP_NOFS|__GFP_NOFAIL|__GFP_ZERO|__GFP_ACCOUNT');
    yield* kmem_cache_alloc(env, { site: 'alloc_buffer_head', mask, charged: true });
  }
  if ((yield choose(2, 'the buffer has its block')) === 0) yield* _ext4_get_block(env, vmf);
  if (slot.dirty !== undefined) yield store(slot.dirty, 1);
  return VM_FAULT.LOCKED;
});

/**
 * The part of a fault that makes a page writable where allocation is not delayed: nothing, if all its buffers have blocks;
 * otherwise a handle is opened, with the page unlocked, and blocks are allocated in it. Only recordings are compared with it.
 *
 * @kernel fs/ext4/inode.c ext4_page_mkwrite v6.1
 * @locks sb_pagefaults and invalidate_lock shared, by the caller; returns with the page locked, the handle closed
 * @omits data=journal; a page that is gone; waiting for stable pages; retries after ENOSPC
 */
export const mkwriteInHandle = kernelFunction('ext4_page_mkwrite', function* (env: Machine, vmf: VmFault) {
  const { i_sb } = vmf.inode;
  if ((yield lock_page(vmf.slot)) === 0) return VM_FAULT.NOPAGE;
  if ((yield choose(2, 'every buffer of the page has its block')) === 1) return VM_FAULT.LOCKED;
  yield* unlock_page(env, vmf.slot);
  yield* __ext4_journal_start_sb(env, i_sb);
  const ret = yield* mkwriteAllocating(env, vmf);
  yield* __ext4_journal_stop(env, i_sb);
  return ret;
});
