import { kernelFunction } from '@faultpath/engine';
import { down_write, type Machine, up_write, type Victim } from '@faultpath/mm';
import type { XfsInode } from './mount.ts';
import { xfs_trans_alloc, xfs_trans_commit, xfs_trans_ijoin } from './trans.ts';

/** Does the end of this inode change something on disk? */
export function needsInactive({ state, kind }: Victim): boolean {
  return state.unlinked || state.eofBlocks || kind === 'cow';
}

/**
 * What every inactivation does: a transaction, and in it the ILOCK of an inode that nobody references.
 *
 * @kernel fs/xfs/xfs_inode.c xfs_inactive v6.1
 * @locks sb_internal, log space, then the ILOCK of the dying inode exclusively; all released
 * @omits transactions that roll: the smallest log has room for that
 */
const inactivation = kernelFunction('inactivation', function* (env: Machine, victim: Victim) {
  const { i_sb } = victim;
  const dying = victim.i_private as XfsInode;
  const saved = yield* xfs_trans_alloc(env, i_sb);
  yield down_write(dying.ILOCK);
  yield* xfs_trans_ijoin(env, i_sb);
  yield* xfs_trans_commit(env, i_sb, saved, undefined, []);
  yield up_write(dying.ILOCK);
  return 0;
});

/**
 * Frees the blocks beyond the end of a file that were allocated in advance.
 *
 * @kernel fs/xfs/xfs_bmap_util.c xfs_free_eofblocks v6.1
 * @locks as inactivation
 * @omits looking for such blocks first, under the ILOCK shared; the IOLOCK, which v4.9 avoids here
 */
export const xfs_free_eofblocks = kernelFunction('xfs_free_eofblocks', function* (env: Machine, victim: Victim) {
  yield* inactivation(env, victim);
  return 0;
});

/**
 * Frees the blocks that were allocated to copy shared ones into.
 *
 * @kernel fs/xfs/xfs_reflink.c xfs_reflink_cancel_cow_range v6.1
 * @locks as inactivation
 * @omits nothing that waits
 */
export const xfs_reflink_cancel_cow_range = kernelFunction(
  'xfs_reflink_cancel_cow_range',
  function* (env: Machine, victim: Victim) {
    yield* inactivation(env, victim);
    return 0;
  },
);

/**
 * Frees the blocks of an unlinked inode.
 *
 * @kernel fs/xfs/xfs_inode.c xfs_inactive_truncate v6.1
 * @locks as inactivation
 * @omits extended attributes
 */
export const xfs_inactive_truncate = kernelFunction('xfs_inactive_truncate', function* (env: Machine, victim: Victim) {
  yield* inactivation(env, victim);
  return 0;
});

/**
 * Frees an unlinked inode itself.
 *
 * @kernel fs/xfs/xfs_inode.c xfs_inactive_ifree v6.1
 * @locks as inactivation
 * @omits the inode's buffers
 */
export const xfs_inactive_ifree = kernelFunction('xfs_inactive_ifree', function* (env: Machine, victim: Victim) {
  yield* inactivation(env, victim);
  return 0;
});

/**
 * Ends an inode: what its end changes on disk, kind by kind.
 *
 * @kernel fs/xfs/xfs_inode.c xfs_inactive v6.1
 * @locks as inactivation
 * @omits realtime; symbolic links; quota structures, which are only put
 */
export const xfs_inactive = kernelFunction('xfs_inactive', function* (env: Machine, victim: Victim) {
  if (victim.kind === 'cow') yield* xfs_reflink_cancel_cow_range(env, victim);
  if (victim.state.eofBlocks) yield* xfs_free_eofblocks(env, victim);
  if (!victim.state.unlinked) return 0;
  yield* xfs_inactive_truncate(env, victim);
  yield* xfs_inactive_ifree(env, victim);
  return 0;
});
