import type { FilesystemContract } from '@faultpath/mm';

/** Functions of a DAX fault below which the filesystem is asked for blocks, in one release or another. */
const faults = ['dax_iomap_pte_fault', 'dax_iomap_pmd_fault', 'dax_iomap_fault', 'dax_fault'] as const;

/** What DAX asks of a filesystem. `lock` is the one that keeps faults and truncate apart. */
export function daxContracts(lock: string): readonly FilesystemContract[] {
  return [
    ...faults.map((fn) => ({
      in: [fn],
      holds: [lock],
      because:
        'fs/dax.c dax_iomap_fault: the caller has done all locking that the fault needs; without this lock blocks are freed while they are mapped',
    })),
    ...faults.map((fn) => ({
      in: [fn],
      // What the fault reclaims is another file's business.
      unless: ['evict'],
      data: 'mapped',
      holds: ['sb_pagefaults'],
      because:
        'include/linux/fs.h sb_start_pagefault: a fault that allocates is inside this level, which a freeze takes before the inner one',
    })),
    ...['dax_finish_sync_fault', 'dax_insert_pfn_mkwrite'].map((fn) => ({
      in: [fn],
      holds: [lock],
      because:
        'fs/ext4/file.c ext4_dax_huge_fault, fs/xfs/xfs_file.c: called before the lock is given back, or the entry that the fault made is freed before it is mapped',
    })),
    {
      in: ['dax_delete_mapping_entry'],
      holds: [lock],
      exclusive: true,
      because:
        'fs/dax.c dax_delete_mapping_entry: the caller holds locks against changes of the page cache, or a fault puts the entry back at once',
    },
    {
      in: ['dax_delete_mapping_entry'],
      unless: ['evict'],
      holds: ['i_rwsem'],
      exclusive: true,
      because: 'fs/attr.c notify_change and mm/truncate.c truncate_setsize: a size changes under i_rwsem only',
    },
  ];
}
