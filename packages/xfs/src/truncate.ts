import { dax_delete_mapping_entry } from '@faultpath/dax';
import { kernelFunction, set } from '@faultpath/engine';
import { down_write, type Inode, type Machine, sb_end_write, sb_start_write, up_write } from '@faultpath/mm';
import { decided } from './decisions.ts';
import { xfs_qm_dqattach } from './iomap.ts';
import { xfsInode } from './mount.ts';
import { xfs_trans_alloc, xfs_trans_commit, xfs_trans_ijoin } from './trans.ts';

/**
 * Cuts a file to nothing, from the system call on.
 *
 * @kernel fs/xfs/xfs_iops.c xfs_setattr_size v6.1
 * @locks takes sb_writers shared, i_rwsem (the IOLOCK) and the MMAPLOCK exclusively; then a transaction with the ILOCK
 * inside; all released
 * @omits waiting for direct I/O and for pages in use elsewhere (break_layouts); the partial block; transactions that roll
 */
export const xfs_setattr_size = kernelFunction('xfs_setattr_size', function* (env: Machine, inode: Inode) {
  const { i_sb, i_rwsem, i_mapping } = inode;
  const own = xfsInode(inode);
  yield sb_start_write(i_sb);
  yield down_write(i_rwsem);
  yield down_write(i_mapping.invalidate_lock);
  yield* xfs_qm_dqattach(env, inode);
  for (const slot of i_mapping.i_pages) yield* dax_delete_mapping_entry(env, slot);
  const lockLast = decided(i_sb, 'reservationBeforeIlock');
  if (!lockLast) yield down_write(own.ILOCK);
  const saved = yield* xfs_trans_alloc(env, i_sb);
  if (lockLast) yield down_write(own.ILOCK);
  yield* xfs_trans_ijoin(env, i_sb);
  const freed = i_mapping.i_pages.map((slot) => set(slot.mapped, 0));
  yield* xfs_trans_commit(env, i_sb, saved, own, freed);
  yield up_write(own.ILOCK);
  yield up_write(i_mapping.invalidate_lock);
  yield up_write(i_rwsem);
  yield sb_end_write(i_sb);
  return 0;
});
