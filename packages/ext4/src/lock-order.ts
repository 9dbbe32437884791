/** How ext4's locks nest, outermost first. Apart from the models, because recordings are judged by it, too. */
export const lockOrder = [
  ['mmap_lock', 'sb_pagefaults', 'i_mmap_sem', 'jbd2_handle', 'folio_lock', 'i_data_sem'],
  ['sb_pagefaults', 'invalidate_lock', 'jbd2_handle', 'dax_entry', 'i_data_sem'],
  ['sb_writers', 'i_rwsem', 'invalidate_lock'],
  ['i_rwsem', 'i_mmap_sem'],
  ['s_umount', 's_writepages_rwsem', 'jbd2_handle'],
  ['s_umount', 'sb_internal', 'jbd2_commit', 'jbd2_transaction', 'jbd2_handle'],
] as const;
