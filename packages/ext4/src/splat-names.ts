/** How lockdep prints the locks of ext4, each with its class in the model. A printed `#N` is left out. */
export const ext4SplatNames = {
  /** Beginnings of function names by which a report is known to be about ext4. */
  functions: ['ext4_', '__ext4_', 'jbd2_', '__jbd2_', 'start_this_handle'],
  classes: {
    'mapping.invalidate_lock': 'invalidate_lock',
    '&ei->i_mmap_sem': 'i_mmap_sem',
    '&ei->i_data_sem': 'i_data_sem',
    '&sbi->s_writepages_rwsem': 's_writepages_rwsem',
    jbd2_handle: 'jbd2_handle',
  },
  /** Printed locks without a class in the model, of which every inode has one. */
  perInode: ['&ei->xattr_sem', '&ei->i_raw_lock', '&ei->i_es_lock'],
} as const;
