/** How lockdep prints the locks of nilfs2, each with its class in the model. A printed `#N` is left out. */
export const nilfs2SplatNames = {
  /** Beginnings of function names by which a report is known to be about nilfs2. */
  functions: ['nilfs_'],
  classes: {
    'mapping.invalidate_lock': 'invalidate_lock',
    '&nilfs->ns_segctor_sem': 'ns_segctor_sem',
  },
  /** Printed locks without a class in the model, of which every inode has one. */
  perInode: ['&bmap->b_sem'],
} as const;
