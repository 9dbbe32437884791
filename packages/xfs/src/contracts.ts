import type { FilesystemContract } from '@faultpath/mm';

/** What xfs's own functions and data need held. */
export const xfsContracts: readonly FilesystemContract[] = [
  {
    data: 'mapped',
    holds: ['ILOCK'],
    exclusive: true,
    because: 'fs/xfs/libxfs/xfs_bmap.c xfs_bmapi_write asserts it: extents change under the ILOCK only',
  },
  {
    data: 'mapped',
    reads: true,
    in: ['xfs_bmapi_read'],
    holds: ['ILOCK'],
    because: 'fs/xfs/libxfs/xfs_bmap.c xfs_bmapi_read asserts it: extents are read under the ILOCK',
  },
  {
    data: 'i_dquot',
    holds: ['ILOCK'],
    exclusive: true,
    because: 'fs/xfs/xfs_qm.c xfs_qm_dqattach_locked asserts it',
  },
  {
    in: ['xfs_trans_ijoin'],
    unless: ['xfs_fs_dirty_inode'],
    holds: ['ILOCK'],
    exclusive: true,
    because: 'fs/xfs/libxfs/xfs_trans_inode.c xfs_trans_ijoin asserts it',
  },
  ...['xfs_log_space', 'sb_internal'].map((lock) => ({
    in: ['xfs_trans_ijoin'],
    holds: [lock],
    because:
      'fs/xfs/xfs_trans.c xfs_trans_alloc: a transaction has its log space, and is counted in by the freeze level',
  })),
  {
    in: ['xfs_setattr_size', 'xfs_trans_ijoin'],
    holds: ['i_rwsem'],
    exclusive: true,
    because: 'fs/xfs/xfs_iops.c xfs_setattr_size asserts the IOLOCK exclusively',
  },
  {
    in: ['xfs_setattr_size', 'xfs_trans_ijoin'],
    holds: ['sb_writers'],
    because:
      'fs/open.c: whoever truncates has called mnt_want_write, which is the outermost level of freeze protection',
  },
  {
    in: ['xfs_setattr_size', 'xfs_trans_ijoin'],
    holds: ['MMAPLOCK'],
    exclusive: true,
    because: 'fs/xfs/xfs_iops.c xfs_setattr_size asserts the MMAPLOCK exclusively: a fault would map what is freed',
  },
  {
    in: ['xfs_file_fsync', 'xfs_log_force'],
    holds: ['ILOCK'],
    because:
      'fs/xfs/xfs_file.c xfs_fsync_flush_log: the log is forced with the inode locked, or an fsync that races comes back before its changes are in the log',
  },
  {
    in: ['xfs_reclaim_inodes_nr', 'xfs_log_force'],
    holds: ['ILOCK'],
    exclusive: true,
    because:
      'fs/xfs/xfs_inode.c xfs_iunpin asserts the ILOCK, and fs/xfs/xfs_icache.c xfs_reclaim_inode has it exclusively: the log is forced for an inode that stays as it is',
  },
  {
    in: ['xfs_reclaim_inodes_nr', 'xfs_log_force'],
    holds: ['pag_ici_reclaim_lock'],
    exclusive: true,
    because: 'fs/xfs/xfs_icache.c xfs_reclaim_inodes_ag: one task at a time walks the inodes of an allocation group',
  },
];
