import { kernelFunction, load, op, set, store } from '@faultpath/engine';
import {
  __alloc_pages,
  down_read,
  file_update_time,
  kmem_cache_alloc,
  lock_page,
  type Machine,
  sb_end_pagefault,
  sb_start_pagefault,
  up_read,
  VM_FAULT,
  type VmFault,
} from '@faultpath/mm';
import { f2fs_lock_op, f2fs_unlock_op, f2fsOf } from './checkpoint.ts';
import { decides } from './decisions.ts';

/**
 * Reads a page.
 *
 * @kernel fs/f2fs/data.c f2fs_read_data_folio v6.1
 * @locks the page, which stays locked
 * @omits inline data, compression; the I/O
 */
export const f2fs_read_data_folio = kernelFunction('f2fs_read_data_folio', function* (env: Machine, _vmf: VmFault) {
  yield* kmem_cache_alloc(env, { site: 'f2fs_grab_read_bio', mask: env.masks.of('GFP_KERNEL'), charged: false });
  return 0;
});

/**
 * Makes a block for a page, in a node whose page it may have to read. That page's mask is the node inode's.
 *
 * @kernel fs/f2fs/data.c f2fs_reserve_block v6.1
 * @locks cp_rwsem or node_change shared, by the caller
 * @omits the node page's lock, which nobody holds while waiting for what is modelled; quota
 */
export const f2fs_reserve_block = kernelFunction('f2fs_reserve_block', function* (env: Machine, vmf: VmFault) {
  const { slot, inode } = vmf;
  const mask = env.masks.of(decides(inode.i_sb, 'nodeMaskNofs') ? 'GFP_NOFS' : 'GFP_KERNEL');
  yield* __alloc_pages(env, { site: '__get_node_page', mask, charged: false, mapping: mask });
  yield op(`allocate a block for ${slot.owner}`, [{ when: [], does: [set(slot.mapped, 1)], result: 0 }]);
  return 0;
});

/**
 * Makes a block under the lock that a fault takes for it.
 *
 * @kernel fs/f2fs/data.c f2fs_get_block_locked v6.1
 * @locks takes and releases node_change shared; the page is locked by the caller
 * @omits a block that the extent cache knows
 */
export const f2fs_get_block_locked = kernelFunction('f2fs_get_block_locked', function* (env: Machine, vmf: VmFault) {
  const { node_change } = f2fsOf(vmf.inode.i_sb);
  yield down_read(node_change);
  yield* f2fs_reserve_block(env, vmf);
  yield up_read(node_change);
  return 0;
});

/**
 * Makes a page writable. From v5.15 on the page is locked first and the block is made under node_change; before, the
 * block is made first, as an operation, with no page locked.
 *
 * @kernel fs/f2fs/file.c f2fs_vm_page_mkwrite v6.1
 * @locks mmap_lock shared on entry. Takes sb_pagefaults shared, then invalidate_lock shared, or before v5.15 cp_rwsem
 * shared; returns with the page locked and the others released
 * @omits f2fs_balance_fs, which may make a checkpoint before any lock is taken; inline data; waiting for writeback
 */
export const f2fs_vm_page_mkwrite = kernelFunction('f2fs_vm_page_mkwrite', function* (env: Machine, vmf: VmFault) {
  const { slot, inode } = vmf;
  const { i_sb, i_mapping } = inode;
  const pageFirst = env.era.invalidateLock.is;
  yield sb_start_pagefault(i_sb);
  if (!pageFirst && (yield load(slot.mapped)) === 0) {
    yield* f2fs_lock_op(env, i_sb);
    yield* f2fs_reserve_block(env, vmf);
    yield* f2fs_unlock_op(env, i_sb);
  }
  yield* file_update_time(env, inode);
  if (pageFirst) yield down_read(i_mapping.invalidate_lock);
  const locked = yield lock_page(slot);
  if (locked === 1) {
    if (pageFirst && (yield load(slot.mapped)) === 0) yield* f2fs_get_block_locked(env, vmf);
    if (slot.dirty !== undefined) yield store(slot.dirty, 1);
  }
  if (pageFirst) yield up_read(i_mapping.invalidate_lock);
  yield sb_end_pagefault(i_sb);
  return locked === 1 ? VM_FAULT.LOCKED : VM_FAULT.NOPAGE;
});
