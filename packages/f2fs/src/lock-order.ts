/** How f2fs's locks nest, outermost first. Apart from the models, because recordings are judged by it, too. */
export const lockOrder = [
  ['mmap_lock', 'sb_pagefaults', 'invalidate_lock', 'folio_lock', 'node_change'],
  ['sb_pagefaults', 'cp_rwsem', 'node_change'],
  ['sb_writers', 'i_rwsem', 'invalidate_lock', 'folio_lock'],
  ['i_rwsem', 'cp_rwsem'],
  ['invalidate_lock', 'cp_rwsem'],
  ['s_umount', 'sb_internal', 'cp_rwsem'],
] as const;
