import type { LockContract } from '@faultpath/lockdep';

const freezeLevels = ['sb_writers', 'sb_pagefaults', 'sb_internal'] as const;

/** What the core asks of whoever calls it, or changes what it shows to faults. */
export const coreContracts: readonly LockContract[] = Object.freeze([
  {
    data: 'mapped',
    holds: freezeLevels,
    because:
      'include/linux/fs.h sb_start_write, sb_start_pagefault, sb_start_intwrite: whoever changes what is on disk is inside one of the three levels, or a frozen filesystem changes',
  },
  {
    in: ['file_update_time'],
    // Without page_mkwrite the core itself does it after the fault, outside of any level.
    unless: ['fault_dirty_shared_page'],
    holds: freezeLevels,
    because:
      'include/linux/fs.h sb_start_pagefault: it is taken before anything is written in a fault, the timestamp included',
  },
  {
    data: 'i_size',
    holds: ['i_rwsem'],
    exclusive: true,
    because:
      'mm/truncate.c truncate_setsize: its caller holds the lock that keeps truncates and writes apart, which is i_rwsem',
  },
  {
    data: 'i_size',
    holds: ['sb_writers'],
    because:
      'fs/open.c vfs_truncate, do_sys_ftruncate: whoever truncates has called mnt_want_write or sb_start_write before any other lock',
  },
  ...[{ in: ['block_page_mkwrite'] }, { data: 'dirty', in: ['do_page_mkwrite'] }].map((where) => ({
    ...where,
    holds: ['sb_pagefaults'],
    because:
      'fs/buffer.c block_page_mkwrite: whoever makes a page writable keeps a freeze out by sb_start_pagefault, or the page is dirtied in a frozen filesystem',
  })),
]);
