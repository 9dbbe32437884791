/** How XFS's locks nest, outermost first. Apart from the models, because recordings are judged by it, too. */
export const lockOrder = [
  ['mmap_lock', 'sb_pagefaults', 'MMAPLOCK', 'dax_entry', 'sb_internal', 'xfs_log_space', 'ILOCK'],
  ['MMAPLOCK', 'folio_lock', 'sb_internal'],
  ['sb_writers', 'i_rwsem', 'MMAPLOCK'],
  ['s_umount', 'xfs_inodegc', 'sb_internal'],
  ['s_umount', 'pag_ici_reclaim_lock', 'ILOCK', 'xfs_log_force'],
] as const;
