import { dax_delete_mapping_entry, dax_iomap_fault, dax_writeback_mapping_range } from '@faultpath/dax';
import { kernelFunction, load } from '@faultpath/engine';
import {
  allocateBlock,
  clearVmfFs,
  defineFilesystem,
  down_read,
  down_write,
  eraNames,
  eras,
  file_update_time,
  freeBlocks,
  type Inode,
  IOMAP,
  type Machine,
  ownLock,
  restoreVmfMask,
  sb_end_intwrite,
  sb_end_pagefault,
  sb_end_write,
  sb_start_intwrite,
  sb_start_pagefault,
  sb_start_write,
  up_read,
  up_write,
  type Victim,
  type VmFault,
  writesFile,
} from '@faultpath/mm';
import { lockOrder } from './lock-order.ts';

/**
 * A fault on a DAX file. Nothing is opened that a commit could wait for: ext2 has no journal.
 *
 * @kernel fs/ext2/file.c ext2_dax_fault v6.1
 * @locks mmap_lock shared on entry; takes sb_pagefaults (for a write), then invalidate_lock, both shared; both released
 * @omits nothing: a write to a private mapping counts as a read
 */
export const ext2_dax_fault = kernelFunction('ext2_dax_fault', function* (env: Machine, vmf: VmFault) {
  const { i_sb, i_mapping } = vmf.inode;
  if (writesFile(vmf)) {
    yield sb_start_pagefault(i_sb);
    yield* file_update_time(env, vmf.inode);
  }
  yield down_read(i_mapping.invalidate_lock);
  const saved = yield* clearVmfFs(env, 'ext2_dax_fault');
  const ret = yield* dax_iomap_fault(env, vmf);
  yield* restoreVmfMask(env, saved, 'ext2_dax_fault');
  yield up_read(i_mapping.invalidate_lock);
  if (writesFile(vmf)) yield sb_end_pagefault(i_sb);
  return ret;
});

/**
 * Finds the block of a fault's page, and for a write into a hole allocates one.
 *
 * @kernel fs/ext2/inode.c ext2_iomap_begin v6.1
 * @locks truncate_mutex inside where it allocates; the DAX entry is held by the caller
 * @omits the indirect blocks and the group's bitmap, made with GFP_NOFS under the mutex, unless that detail is asked for
 */
export const ext2_iomap_begin = kernelFunction('ext2_iomap_begin', function* (env: Machine, vmf: VmFault) {
  if ((yield load(vmf.slot.mapped)) === 1) return IOMAP.MAPPED;
  if (!writesFile(vmf)) return IOMAP.HOLE;
  yield down_write(ownLock(vmf.inode, 'truncate_mutex'));
  if (env.bounds.detail?.newBlocks !== undefined) yield* env.bounds.detail.newBlocks(env);
  yield allocateBlock(vmf.slot);
  yield up_write(ownLock(vmf.inode, 'truncate_mutex'));
  return IOMAP.MAPPED;
});

/**
 * Cuts a file to nothing, from the system call on.
 *
 * @kernel fs/ext2/inode.c ext2_setattr v6.1
 * @locks takes sb_writers shared, i_rwsem and invalidate_lock exclusively, truncate_mutex inside; all released
 * @omits waiting for direct I/O; the partial block at the end
 */
export const ext2_setattr = kernelFunction('ext2_setattr', function* (env: Machine, inode: Inode) {
  const { i_sb, i_rwsem, i_mapping } = inode;
  yield sb_start_write(i_sb);
  yield down_write(i_rwsem);
  yield down_write(i_mapping.invalidate_lock);
  for (const slot of i_mapping.i_pages) yield* dax_delete_mapping_entry(env, slot);
  yield down_write(ownLock(inode, 'truncate_mutex'));
  yield freeBlocks(inode);
  yield up_write(ownLock(inode, 'truncate_mutex'));
  yield up_write(i_mapping.invalidate_lock);
  yield up_write(i_rwsem);
  yield sb_end_write(i_sb);
  return 0;
});

/**
 * Ends an inode: a linked one is only forgotten, an unlinked one gives its blocks back.
 *
 * @kernel fs/ext2/inode.c ext2_evict_inode v6.1
 * @locks takes sb_internal shared, then invalidate_lock and truncate_mutex of the dying inode; all released
 * @omits extended attributes, quota, the inode's own block
 */
export const ext2_evict_inode = kernelFunction('ext2_evict_inode', function* (_env: Machine, victim: Victim) {
  if (!victim.state.unlinked) return 0;
  yield sb_start_intwrite(victim.i_sb);
  yield down_write(ownLock(victim, 'invalidate_lock'));
  yield down_write(ownLock(victim, 'truncate_mutex'));
  yield freeBlocks(victim);
  yield up_write(ownLock(victim, 'truncate_mutex'));
  yield up_write(ownLock(victim, 'invalidate_lock'));
  yield sb_end_intwrite(victim.i_sb);
  return 0;
});

const blocks = { data: 'mapped', exclusive: true } as const;
/** ext2, mounted for DAX. No journal, no transactions, no mask of its own: the adapter to copy. */
export const ext2 = defineFilesystem({
  name: 'ext2',
  interfaceVersion: 1,
  locks: {
    dax_sem: { kind: 'rwsem', scope: 'inode', eras: ['v4.9', 'v4.10', 'v4.12'] },
    truncate_mutex: { kind: 'mutex', scope: 'inode' },
  },
  lockOrder,
  contracts: [
    { ...blocks, holds: ['truncate_mutex'], because: 'fs/ext2/ext2.h truncate_mutex: allocating excludes freeing' },
    { ...blocks, in: ['ext2_setattr'], holds: ['i_rwsem'], because: 'filesystems/locking.rst: setattr has it' },
    { ...blocks, unless: ['ext2_iomap_begin'], holds: ['invalidate_lock', 'dax_sem'], because: 'a fault maps them' },
  ],
  mappingGfp: null,
  supports: { eras: eraNames, dax: true, transactions: false, sync_faults: false },
  vm_ops: { fault: ext2_dax_fault },
  iomap_ops: { iomap_begin: ext2_iomap_begin },
  s_op: { evict_inode: ext2_evict_inode },
  f_op: { fsync: dax_writeback_mapping_range, truncate: ext2_setattr },
  reclaim: {
    kinds: {
      linked: { via: 'prune_icache_sb', frequency: 'common', eras: eraNames, because: 'a clean one is forgotten' },
      lazytime: { via: 'prune_dcache_sb', frequency: 'option', eras: eraNames, because: 'its timestamp is copied' },
      orphan: { via: 'prune_dcache_sb', frequency: 'rare', eras: eraNames, because: 'its blocks are freed' },
    },
  },
  invalidateLock: (era) => (eras[era].invalidateLock.is ? 'invalidate_lock' : 'dax_sem'),
});
