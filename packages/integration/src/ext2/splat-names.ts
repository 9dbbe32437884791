/** How lockdep prints the locks of ext2, each with its class in the model. A printed `#N` is left out. */
export const ext2SplatNames = {
  /** Beginnings of function names by which a report is known to be about ext2. */
  functions: ['ext2_'],
  classes: {
    'mapping.invalidate_lock': 'invalidate_lock',
    '&ei->dax_sem': 'dax_sem',
    '&ei->truncate_mutex': 'truncate_mutex',
  },
  /** Printed locks without a class in the model, of which every inode has one. */
  perInode: ['&ei->xattr_sem', '&ei->i_meta_lock'],
} as const;
