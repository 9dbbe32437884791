/** How lockdep prints the locks of xfs, each with its class in the model. A printed `#N` is left out. */
export const xfsSplatNames = {
  /** Beginnings of function names by which a report is known to be about xfs. */
  functions: ['xfs_', '_xfs_', '__xfs_', 'xlog_'],
  classes: {
    'mapping.invalidate_lock': 'MMAPLOCK',
    '&(&ip->i_mmaplock)->mr_lock': 'MMAPLOCK',
    '&(&ip->i_lock)->mr_lock': 'ILOCK',
    '&ip->i_lock': 'ILOCK',
    '&xfs_nondir_ilock_class': 'ILOCK',
    '&pag->pag_ici_reclaim_lock': 'pag_ici_reclaim_lock',
  },
  /** Printed locks without a class in the model, of which every inode has one. */
  perInode: ['&xfs_dir_ilock_class', '&ip->i_flags_lock'],
  /** What reclaim really does and the model leaves out, because nobody can wait for it there. */
  declared: [
    {
      from: { lock: 'fs_reclaim', mode: 'exclusive', kind: 'pseudo' },
      to: {
        lock: 'ILOCK',
        mode: 'shared',
        kind: 'rwsem',
        owner: { object: 'an inode that nobody references', referenced: false },
      },
      because: 'the end of an inode looks for blocks beyond its end under the ILOCK of that inode',
      backtrace: ['xfs_can_free_eofblocks', 'xfs_inode_needs_inactive', 'destroy_inode', 'evict'],
    },
  ],
} as const;
