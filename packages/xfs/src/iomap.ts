import { choose, kernelFunction, set } from '@faultpath/engine';
import {
  changes,
  down_read_load,
  down_write,
  type Inode,
  IOMAP,
  type Machine,
  up_read,
  up_write,
  type VmFault,
  writesFile,
} from '@faultpath/mm';
import { xfs_bmapi_write } from './alloc.ts';
import { decided } from './decisions.ts';
import { does } from './era.ts';
import { mountOf, xfsInode } from './mount.ts';
import { kmem_zone_alloc, xfs_trans_alloc, xfs_trans_commit, xfs_trans_ijoin } from './trans.ts';

/**
 * Finds the quota structures of an inode, and makes those that are not in memory. The ILOCK is let go while one is
 * made: its memory is asked for without any scope.
 *
 * @kernel fs/xfs/xfs_qm.c xfs_qm_dqattach v6.1
 * @locks takes and releases the ILOCK exclusively
 * @omits q_qlock and qi_tree_lock, taken inside for a moment; reading the quota file; user and group apart
 */
export const xfs_qm_dqattach = kernelFunction('xfs_qm_dqattach', function* (env: Machine, inode: Inode) {
  if (!mountOf(inode.i_sb).quota) return 0;
  const { ILOCK } = xfsInode(inode);
  if (env.bounds.detail !== undefined && (yield choose(2, 'quota is off, or attached')) === 1) return 0;
  yield down_write(ILOCK);
  yield changes('i_dquot', inode.name);
  yield up_write(ILOCK);
  yield* kmem_zone_alloc(env, inode.i_sb, 'xfs_dquot_alloc');
  yield down_write(ILOCK);
  yield changes('i_dquot', inode.name);
  yield up_write(ILOCK);
  return 0;
});

/**
 * Looks the extent of a fault's page up. One step with the ILOCK: what it protects changes only under it.
 *
 * @kernel fs/xfs/libxfs/xfs_bmap.c xfs_bmapi_read v6.1
 * @locks takes and releases the ILOCK shared, which the kernel's caller does
 * @omits reading the extent list, with GFP_NOFS under the ILOCK
 */
const xfs_bmapi_read = kernelFunction('xfs_bmapi_read', function* (_env: Machine, vmf: VmFault) {
  const { ILOCK } = xfsInode(vmf.inode);
  const found = yield down_read_load(ILOCK, vmf.slot.mapped);
  yield up_read(ILOCK);
  return found === 1 ? IOMAP.MAPPED : IOMAP.HOLE;
});

/**
 * Gives the extent of a page that is read.
 *
 * @kernel fs/xfs/xfs_iomap.c xfs_read_iomap_begin v6.1
 * @locks takes and releases the ILOCK shared; the DAX entry is held by the caller
 * @omits reading extents that are not in memory, which takes the ILOCK exclusively; reflink
 */
export const xfs_read_iomap_begin = kernelFunction('xfs_read_iomap_begin', function* (env: Machine, vmf: VmFault) {
  return xfs_bmapi_read(env, vmf);
});

/**
 * Allocates a block in a transaction of its own, and zeroes it before that commits.
 *
 * @kernel fs/xfs/xfs_iomap.c xfs_iomap_write_direct v6.1
 * @locks sb_internal, log space, then the ILOCK exclusively; all released on return. The DAX entry is held by the caller
 * @omits the bitmap's buffers, taken inside and held by nobody who waits for more; zeroing; retries after ENOSPC
 */
export const xfs_iomap_write_direct = kernelFunction('xfs_iomap_write_direct', function* (env: Machine, vmf: VmFault) {
  const { inode, slot } = vmf;
  const { i_sb } = inode;
  const own = xfsInode(inode);
  yield* xfs_qm_dqattach(env, inode);
  const lockLast = decided(i_sb, 'reservationBeforeIlock');
  if (!lockLast) yield down_write(own.ILOCK);
  const saved = yield* xfs_trans_alloc(env, i_sb);
  if (lockLast) yield down_write(own.ILOCK);
  yield* xfs_trans_ijoin(env, i_sb);
  const buffers = env.bounds.detail === undefined ? 0 : yield* xfs_bmapi_write(env, vmf);
  yield* xfs_trans_commit(env, i_sb, saved, own, [set(slot.mapped, 1)], { buffers });
  yield up_write(own.ILOCK);
  return IOMAP.MAPPED;
});

/**
 * Gives the extent of a page that is written, and allocates it where there is none.
 *
 * @kernel fs/xfs/xfs_iomap.c xfs_direct_write_iomap_begin v6.1
 * @locks takes and releases the ILOCK shared, then what xfs_iomap_write_direct takes; the DAX entry is held by the caller
 * @omits copy on write of shared extents; extents that are not in memory
 */
export const xfs_direct_write_iomap_begin = kernelFunction(
  'xfs_direct_write_iomap_begin',
  function* (env: Machine, vmf: VmFault) {
    const type = yield* xfs_bmapi_read(env, vmf);
    return type === IOMAP.MAPPED ? type : xfs_iomap_write_direct(env, vmf);
  },
);

/**
 * Gives the extent of a page: one function for all up to v4.12.
 *
 * @kernel fs/xfs/xfs_iomap.c xfs_file_iomap_begin v4.12
 * @locks as xfs_read_iomap_begin, or as xfs_direct_write_iomap_begin
 * @omits as those
 */
export const xfs_file_iomap_begin = kernelFunction('xfs_file_iomap_begin', function* (env: Machine, vmf: VmFault) {
  const type = yield* xfs_bmapi_read(env, vmf);
  return type === IOMAP.MAPPED || !writesFile(vmf) ? type : xfs_iomap_write_direct(env, vmf);
});

/**
 * The iomap operations that a fault is made with.
 *
 * @kernel fs/xfs/xfs_file.c __xfs_filemap_fault v6.1
 * @locks the DAX entry is held by the caller
 * @omits nothing: it chooses
 */
export const xfs_iomap_begin = kernelFunction('xfs_iomap_begin', function* (env: Machine, vmf: VmFault) {
  if (!does(env.era, 'splitIomapBegin')) return xfs_file_iomap_begin(env, vmf);
  return writesFile(vmf) ? xfs_direct_write_iomap_begin(env, vmf) : xfs_read_iomap_begin(env, vmf);
});
