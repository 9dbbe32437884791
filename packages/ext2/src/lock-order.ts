/** How ext2's locks nest, outermost first. Apart from the models, because recordings are judged by it, too. */
export const lockOrder = [
  ['mmap_lock', 'sb_pagefaults', 'invalidate_lock', 'dax_entry', 'truncate_mutex'],
  ['sb_pagefaults', 'dax_sem', 'dax_entry', 'folio_lock', 'truncate_mutex'],
  ['sb_writers', 'i_rwsem', 'invalidate_lock'],
  ['i_rwsem', 'dax_sem'],
  ['sb_internal', 'invalidate_lock'],
  ['sb_internal', 'dax_sem'],
] as const;
