import { kernelFunction } from '@faultpath/engine';
import { down_write, type Machine, type SuperBlock, up_write, type Victim } from '@faultpath/mm';
import { does } from './era.ts';
import { needsInactive, xfs_inactive } from './inactive.ts';
import { xfs_inodegc_queue, xfs_inodegc_start, xfs_inodegc_stop } from './inodegc.ts';
import { xfs_log_force } from './log.ts';
import { mountOf, type XfsInode } from './mount.ts';

/**
 * Ends an inode that was evicted: in the task that evicts it up to v4.12, then by the worker.
 *
 * @kernel fs/xfs/xfs_super.c xfs_fs_destroy_inode v6.1
 * @locks as xfs_inactive, or none
 * @omits the radix tree of inodes that can be reclaimed
 */
export const xfs_fs_destroy_inode = kernelFunction('xfs_fs_destroy_inode', function* (env: Machine, victim: Victim) {
  if (!needsInactive(victim)) return 0;
  if (env.era.xfsInactivation.is === 'queued') yield* xfs_inodegc_queue(env, victim.i_sb);
  else yield* xfs_inactive(env, victim);
  return 0;
});

/**
 * Calls the filesystem's part of the end of an inode.
 *
 * @kernel fs/inode.c destroy_inode v6.1
 * @locks whatever the caller holds
 * @omits freeing the memory
 */
export const destroy_inode = kernelFunction('destroy_inode', function* (env: Machine, victim: Victim) {
  yield* xfs_fs_destroy_inode(env, victim);
  return 0;
});

/**
 * Frees the memory of inodes that were ended. Up to v4.12 it waits for their buffers and for the log, neither of which
 * any task keeps; later it skips what it would have to wait for.
 *
 * @kernel fs/xfs/xfs_icache.c xfs_reclaim_inodes_nr v6.1
 * @locks up to v4.12 pag_ici_reclaim_lock, and the ILOCK of an inode that nobody references; later that ILOCK by trylock
 * @omits pushing the AIL, which is only asked for; buffers
 */
export const xfs_reclaim_inodes_nr = kernelFunction('xfs_reclaim_inodes_nr', function* (env: Machine, victim: Victim) {
  if (!does(env.era, 'inodeReclaimWaits')) return 0;
  const { pag_ici_reclaim_lock } = mountOf(victim.i_sb);
  const { ILOCK } = victim.i_private as XfsInode;
  yield down_write(pag_ici_reclaim_lock);
  yield down_write(ILOCK);
  yield* xfs_log_force(env, victim.i_sb);
  yield up_write(ILOCK);
  yield up_write(pag_ici_reclaim_lock);
  return 0;
});

/**
 * The part of the superblock's shrinker that is xfs's own.
 *
 * @kernel fs/xfs/xfs_super.c xfs_fs_free_cached_objects v6.1
 * @locks s_umount held shared by the scan
 * @omits counts
 */
export const xfs_fs_free_cached_objects = kernelFunction(
  'xfs_fs_free_cached_objects',
  function* (env: Machine, victim: Victim) {
    yield* xfs_reclaim_inodes_nr(env, victim);
    return 0;
  },
);

/**
 * The shrinker of quota structures. It runs only with both `__GFP_FS` and `__GFP_DIRECT_RECLAIM`, which is decided where
 * reclaim begins; a dirty structure is written, which waits for the log and for I/O.
 *
 * @kernel fs/xfs/xfs_qm.c xfs_qm_shrink_scan v6.1
 * @locks q_qlock by trylock: not modelled
 * @omits the structure's buffer, tried and not waited for
 */
export const xfs_qm_shrink_scan = kernelFunction('xfs_qm_shrink_scan', function* (env: Machine, victim: Victim) {
  yield* xfs_log_force(env, victim.i_sb);
  return 0;
});

/**
 * Writes the filesystem's own state. In a freeze it comes when faults are out and transactions are not yet: the last
 * time at which inactivation can be stopped.
 *
 * @kernel fs/xfs/xfs_super.c xfs_fs_sync_fs v6.1
 * @locks s_umount and the first two freeze levels exclusively
 * @omits syncs that are no freeze
 */
export const xfs_fs_sync_fs = kernelFunction('xfs_fs_sync_fs', function* (env: Machine, sb: SuperBlock) {
  yield* xfs_log_force(env, sb);
  yield* xfs_inodegc_stop(env, sb);
  return 0;
});

/**
 * The filesystem's part of a thaw.
 *
 * @kernel fs/xfs/xfs_super.c xfs_fs_unfreeze v6.1
 * @locks s_umount exclusively; transactions are still frozen
 * @omits blockgc and the log's own work
 */
export const xfs_fs_unfreeze = kernelFunction('xfs_fs_unfreeze', function* (env: Machine, sb: SuperBlock) {
  yield* xfs_inodegc_start(env, sb);
  return 0;
});
