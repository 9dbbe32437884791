import { dax_delete_mapping_entry, dax_iomap_fault, dax_writeback_one } from '@faultpath/dax';
import { kernelFunction, op, set } from '@faultpath/engine';
import {
  changes,
  clearVmfFs,
  down_read,
  down_write,
  file_update_time,
  type Inode,
  type Machine,
  type PageSlot,
  type Rwsem,
  restoreVmfMask,
  sb_end_pagefault,
  sb_end_write,
  sb_start_pagefault,
  sb_start_write,
  up_read,
  up_write,
  type VmFault,
} from '@faultpath/mm';

/** What an inode of ext2 has: the lock around its block pointers. */
export interface Ext2Inode {
  readonly truncate_mutex: Rwsem;
}

/**
 * A fault on a DAX file. Nothing is opened that a commit could wait for: ext2 has no journal.
 *
 * @kernel fs/ext2/file.c ext2_dax_fault v6.1
 * @locks mmap_lock shared on entry. Takes, for a write, sb_pagefaults shared, then invalidate_lock shared (dax_sem before
 * v5.15); all released on return
 * @omits the check of VM_SHARED, which only shared mappings need
 */
export const ext2_dax_fault = kernelFunction('ext2_dax_fault', function* (env: Machine, vmf: VmFault) {
  const { i_sb, i_mapping } = vmf.inode;
  if (vmf.write) {
    yield sb_start_pagefault(i_sb);
    yield* file_update_time(env, vmf.inode);
  }
  yield down_read(i_mapping.invalidate_lock);
  const saved = yield* clearVmfFs(env, 'ext2_dax_fault');
  const ret = yield* dax_iomap_fault(env, vmf);
  yield* restoreVmfMask(env, saved, 'ext2_dax_fault');
  yield up_read(i_mapping.invalidate_lock);
  if (vmf.write) yield sb_end_pagefault(i_sb);
  return ret;
});

/**
 * Makes a file's pages durable.
 *
 * @kernel fs/ext2/file.c ext2_fsync v6.1
 * @locks locks each DAX entry of the file for a moment
 * @omits the buffers of the inode and of indirect blocks
 */
export const ext2_fsync = kernelFunction('ext2_fsync', function* (env: Machine, inode: Inode) {
  for (const slot of inode.i_mapping.i_pages) yield* dax_writeback_one(env, slot);
  return 0;
});

/**
 * Frees the blocks of a file.
 *
 * @kernel fs/ext2/inode.c __ext2_truncate_blocks v6.1
 * @locks invalidate_lock (dax_sem before v5.15) exclusively on entry; takes and releases truncate_mutex
 * @omits indirect blocks; the reservation window
 */
export const __ext2_truncate_blocks = kernelFunction(
  '__ext2_truncate_blocks',
  function* (_env: Machine, name: string, truncate_mutex: Rwsem, pages: readonly PageSlot[]) {
    yield down_write(truncate_mutex);
    yield changes('mapped', name);
    if (pages.length > 0) {
      const freed = pages.map((slot) => set(slot.mapped, 0));
      yield op(`free the blocks of ${name}`, [{ when: [], does: freed, result: 0 }]);
    }
    yield up_write(truncate_mutex);
    return 0;
  },
);

/**
 * Cuts a file to nothing, from the system call on.
 *
 * @kernel fs/ext2/inode.c ext2_setattr v6.1
 * @locks takes sb_writers shared, i_rwsem and invalidate_lock exclusively, truncate_mutex inside; all released
 * @omits waiting for direct I/O; the partial block at the end
 */
export const ext2_setattr = kernelFunction('ext2_setattr', function* (env: Machine, inode: Inode) {
  const { i_sb, i_rwsem, i_mapping } = inode;
  const { truncate_mutex } = inode.i_private as Ext2Inode;
  yield sb_start_write(i_sb);
  yield down_write(i_rwsem);
  yield down_write(i_mapping.invalidate_lock);
  for (const slot of i_mapping.i_pages) yield* dax_delete_mapping_entry(env, slot);
  yield* __ext2_truncate_blocks(env, inode.name, truncate_mutex, i_mapping.i_pages);
  yield up_write(i_mapping.invalidate_lock);
  yield up_write(i_rwsem);
  yield sb_end_write(i_sb);
  return 0;
});
