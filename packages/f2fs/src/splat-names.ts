/** How lockdep prints the locks of f2fs, each with its class in the model. A printed `#N` is left out. */
export const f2fsSplatNames = {
  /** Beginnings of function names by which a report is known to be about f2fs. */
  functions: ['f2fs_', '__f2fs_'],
  classes: {
    'mapping.invalidate_lock': 'invalidate_lock',
    '&sbi->cp_rwsem': 'cp_rwsem',
    '&sbi->node_change': 'node_change',
  },
  /** Printed locks without a class in the model, of which every inode has one. */
  perInode: ['&fi->i_sem', '&fi->i_xattr_sem'],
} as const;
