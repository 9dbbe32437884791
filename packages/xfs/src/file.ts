import { dax_finish_sync_fault, dax_iomap_fault, dax_writeback_one } from '@faultpath/dax';
import { choose, kernelFunction } from '@faultpath/engine';
import {
  clearVmfFs,
  down_read,
  file_update_time,
  type Inode,
  type Machine,
  restoreVmfMask,
  sb_end_pagefault,
  sb_start_pagefault,
  up_read,
  VM_FAULT,
  type VmFault,
} from '@faultpath/mm';
import { decided } from './decisions.ts';
import { does } from './era.ts';
import { xfs_log_force } from './log.ts';
import { xfsInode } from './mount.ts';
import { xfs_trans_alloc, xfs_trans_commit } from './trans.ts';

/**
 * The DAX part of a fault. The twin that opens a transaction around it does as ext4 does.
 *
 * @kernel fs/xfs/xfs_file.c xfs_dax_fault v6.1
 * @locks the MMAPLOCK shared on entry and return
 * @omits nothing
 */
const xfs_dax_fault = kernelFunction('xfs_dax_fault', function* (env: Machine, vmf: VmFault) {
  const { i_sb } = vmf.inode;
  const inside = vmf.write && !decided(i_sb, 'entryBeforeTransaction');
  const transaction = inside ? yield* xfs_trans_alloc(env, i_sb) : 0;
  const saved = yield* clearVmfFs(env, 'xfs_dax_fault');
  const ret = yield* dax_iomap_fault(env, vmf);
  yield* restoreVmfMask(env, saved, 'xfs_dax_fault');
  if (inside) yield* xfs_trans_commit(env, i_sb, transaction, undefined, []);
  return ret;
});

/**
 * A fault of any kind on a DAX file. Only a write takes freeze protection and makes transactions, and each of those is
 * over before the next lock is waited for.
 *
 * @kernel fs/xfs/xfs_file.c __xfs_filemap_fault v6.1
 * @locks mmap_lock shared on entry. Write: sb_pagefaults shared, the timestamp's own transaction. MMAPLOCK shared. All
 * released on return
 * @omits the page cache; remaps, during which a fault takes the MMAPLOCK exclusively
 */
export const __xfs_filemap_fault = kernelFunction('__xfs_filemap_fault', function* (env: Machine, vmf: VmFault) {
  const { i_sb, i_mapping } = vmf.inode;
  const write = vmf.write && vmf.shared;
  const protect = write && decided(i_sb, 'pagefaultProtection');
  if (protect) yield sb_start_pagefault(i_sb);
  if (write) yield* file_update_time(env, vmf.inode);
  yield down_read(i_mapping.invalidate_lock);
  const first = yield* xfs_dax_fault(env, vmf);
  const ret = first === VM_FAULT.NEEDDSYNC ? yield* dax_finish_sync_fault(env, vmf) : first;
  yield up_read(i_mapping.invalidate_lock);
  if (protect) yield sb_end_pagefault(i_sb);
  return ret;
});

/**
 * A write fault up to v4.12, where a fault that writes goes straight to the handler for pages that become writable.
 *
 * @kernel fs/xfs/xfs_file.c xfs_filemap_page_mkwrite v4.9
 * @locks as __xfs_filemap_fault
 * @omits the page cache
 */
export const xfs_filemap_page_mkwrite = kernelFunction(
  'xfs_filemap_page_mkwrite',
  function* (env: Machine, vmf: VmFault) {
    const { i_sb, i_mapping } = vmf.inode;
    const protect = decided(i_sb, 'pagefaultProtection');
    if (protect) yield sb_start_pagefault(i_sb);
    yield* file_update_time(env, vmf.inode);
    yield down_read(i_mapping.invalidate_lock);
    const ret = yield* xfs_dax_fault(env, vmf);
    yield up_read(i_mapping.invalidate_lock);
    if (protect) yield sb_end_pagefault(i_sb);
    return ret;
  },
);

/**
 * A fault on a page of a file.
 *
 * @kernel fs/xfs/xfs_file.c xfs_filemap_fault v6.1
 * @locks as __xfs_filemap_fault
 * @omits the page cache
 */
export const xfs_filemap_fault = kernelFunction('xfs_filemap_fault', function* (env: Machine, vmf: VmFault) {
  if (does(env.era, 'oneFaultHandler')) return __xfs_filemap_fault(env, vmf);
  if (vmf.write) return xfs_filemap_page_mkwrite(env, vmf);
  const { i_mapping } = vmf.inode;
  yield down_read(i_mapping.invalidate_lock);
  const ret = yield* xfs_dax_fault(env, vmf);
  yield up_read(i_mapping.invalidate_lock);
  return ret;
});

/**
 * A fault of 2 MiB: the handler of a fault of one page, with the other size. Before there was one handler for all, a
 * write did here what it does for a page that becomes writable, and a read what a read does.
 *
 * @kernel fs/xfs/xfs_file.c xfs_filemap_huge_fault v6.1
 * @locks as __xfs_filemap_fault
 * @omits nothing
 */
export const xfs_filemap_huge_fault = kernelFunction('xfs_filemap_huge_fault', function* (env: Machine, vmf: VmFault) {
  return __xfs_filemap_fault(env, vmf);
});

/**
 * Maps what is in memory around a fault: nothing for a DAX file, but the lock is taken.
 *
 * @kernel fs/xfs/xfs_file.c xfs_filemap_map_pages v6.1
 * @locks takes and releases the MMAPLOCK shared
 * @omits the pages
 */
export const xfs_filemap_map_pages = kernelFunction('xfs_filemap_map_pages', function* (env: Machine, vmf: VmFault) {
  if (!does(env.era, 'lockedMapPages')) return 0;
  const { invalidate_lock } = vmf.inode.i_mapping;
  yield down_read(invalidate_lock);
  yield up_read(invalidate_lock);
  return 0;
});

/**
 * Makes a file durable: its pages, then the log, with the inode locked so that it is logged no further.
 *
 * @kernel fs/xfs/xfs_file.c xfs_file_fsync v6.1
 * @locks locks each DAX entry of the file for a moment, then the ILOCK shared; a MAP_SYNC fault calls it with its fault
 * locks held
 * @omits the device's cache; how far the log has to be forced; that clean pages, and a clean inode, need nothing, which
 * only recordings show
 */
export const xfs_file_fsync = kernelFunction('xfs_file_fsync', function* (env: Machine, inode: Inode) {
  const { detail } = env.bounds;
  const { ILOCK } = xfsInode(inode);
  if (detail === undefined || (yield choose(2, 'a page is dirty')) === 1) {
    for (const slot of inode.i_mapping.i_pages) yield* dax_writeback_one(env, slot);
  }
  yield down_read(ILOCK);
  if (detail === undefined || (yield choose(2, 'the inode was logged since')) === 1) {
    yield* xfs_log_force(env, inode.i_sb);
  }
  yield up_read(ILOCK);
  return 0;
});
