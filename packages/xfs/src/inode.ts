import { kernelFunction } from '@faultpath/engine';
import { down_write, type Inode, type Machine, type SuperBlock, up_write } from '@faultpath/mm';
import { decided } from './decisions.ts';
import { does } from './era.ts';
import { xfsInode } from './mount.ts';
import { xfs_trans_alloc, xfs_trans_commit, xfs_trans_ijoin } from './trans.ts';

/**
 * Notes that a file is being written, in a transaction of its own. With lazytime the timestamps stay in memory.
 *
 * @kernel fs/xfs/xfs_iops.c xfs_vn_update_time v6.1
 * @locks sb_internal, log space, then the ILOCK exclusively; all released on return
 * @omits i_version
 */
export const xfs_vn_update_time = kernelFunction('xfs_vn_update_time', function* (env: Machine, inode: Inode) {
  const { i_sb } = inode;
  if (i_sb.mount.lazytime && does(env.era, 'lazytime')) return 0;
  const own = xfsInode(inode);
  const lockLast = decided(i_sb, 'reservationBeforeIlock');
  if (!lockLast) yield down_write(own.ILOCK);
  const saved = yield* xfs_trans_alloc(env, i_sb);
  if (lockLast) yield down_write(own.ILOCK);
  yield* xfs_trans_ijoin(env, i_sb);
  // The ILOCK goes with the commit; exploration need not see that it goes before the rest.
  yield* xfs_trans_commit(env, i_sb, saved, own, [], { inode: own, buffers: 0 });
  if (env.bounds.detail === undefined) yield up_write(own.ILOCK);
  return 0;
});

/**
 * Logs a timestamp that was only in memory: from reclaim when the last reference goes. This transaction is made in the
 * reclaiming task in every era that has lazytime, also where inactivation is queued.
 *
 * @kernel fs/xfs/xfs_super.c xfs_fs_dirty_inode v6.1
 * @locks sb_internal, log space; both released on return
 * @omits the ILOCK of the inode, which had its last reference dropped; dirty marks that are not about lazy timestamps
 */
export const xfs_fs_dirty_inode = kernelFunction('xfs_fs_dirty_inode', function* (env: Machine, sb: SuperBlock) {
  if (!sb.mount.lazytime || !does(env.era, 'lazytime')) return 0;
  const saved = yield* xfs_trans_alloc(env, sb);
  yield* xfs_trans_ijoin(env, sb);
  yield* xfs_trans_commit(env, sb, saved, undefined, []);
  return 0;
});
