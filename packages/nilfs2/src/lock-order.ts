/** How nilfs2's locks nest, outermost first. Apart from the models, because recordings are judged by it, too. */
export const lockOrder = [
  ['mmap_lock', 'sb_pagefaults', 'sb_internal', 'ns_segctor_sem', 'folio_lock'],
  ['mmap_lock', 'invalidate_lock', 'folio_lock'],
  ['sb_writers', 'i_rwsem', 'sb_internal'],
  ['s_umount', 'sb_internal'],
] as const;
