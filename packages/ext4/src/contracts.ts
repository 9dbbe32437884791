import type { FilesystemContract } from '@faultpath/mm';

const mapping = ['invalidate_lock', 'i_mmap_sem'] as const;

/** What ext4's own functions and data need held. */
export const ext4Contracts: readonly FilesystemContract[] = [
  {
    data: 'mapped',
    unless: ['ext4_da_map_blocks'],
    holds: ['i_data_sem'],
    exclusive: true,
    because: 'fs/ext4/ext4.h i_data_sem: blocks of a file are allocated and freed under it, exclusively',
  },
  {
    data: 'mapped',
    in: ['ext4_da_map_blocks'],
    holds: ['i_data_sem'],
    because: 'fs/ext4/inode.c ext4_da_map_blocks: a delayed block is noted under i_data_sem, shared in older releases',
  },
  {
    data: 'mapped',
    reads: true,
    in: ['ext4_map_blocks'],
    holds: ['i_data_sem'],
    because: 'fs/ext4/inode.c ext4_map_blocks: the extent tree is read under i_data_sem',
  },
  {
    in: ['ext4_es_insert_extent'],
    holds: ['i_data_sem'],
    because:
      'fs/ext4/inode.c ext4_map_blocks, ext4_da_map_blocks: an extent is remembered before i_data_sem is given back, or what is remembered and what there is differ',
  },
  {
    data: 'i_disksize',
    holds: ['i_data_sem'],
    exclusive: true,
    because: 'fs/ext4/ext4.h i_disksize: it changes under i_data_sem only',
  },
  ...['mapped', 'i_disksize', 'inode', 'writeback', 'dquot'].map((data) => ({
    data,
    unless: ['ext4_da_map_blocks'],
    holds: ['jbd2_handle'],
    because: 'fs/jbd2/transaction.c jbd2_journal_get_write_access: metadata changes inside an open handle only',
  })),
  {
    data: 'inode',
    in: ['ext4_evict_inode'],
    holds: ['sb_internal', 'sb_pagefaults', 'sb_writers'],
    because:
      'fs/ext4/inode.c ext4_evict_inode: whoever gave the last reference up need not be protected against a freeze, so it protects itself',
  },
  {
    data: 'writeback',
    holds: ['s_writepages_rwsem'],
    because:
      'fs/ext4/ext4.h s_writepages_rwsem: writing pages and changing how a file keeps its blocks exclude each other',
  },
  {
    data: 'writeback',
    eras: ['v6.1', 'v6.12'],
    holds: ['NOFS'],
    because: '00d873c17e29: inside s_writepages_rwsem nothing is allocated that may enter the filesystem',
  },
  {
    in: ['ext4_truncate'],
    holds: ['i_rwsem'],
    exclusive: true,
    because: 'fs/ext4/inode.c ext4_truncate warns unless the inode is locked, or goes',
  },
  {
    in: ['ext4_truncate'],
    holds: mapping,
    exclusive: true,
    because: 'fs/ext4/inode.c ext4_setattr: blocks are freed while faults are kept out, or a fault maps what is freed',
  },
  {
    in: ['ext4_setattr', 'dax_delete_mapping_entry'],
    lacks: ['jbd2_handle', 'i_data_sem'],
    because:
      'fs/ext4/super.c "Lock ordering", truncate: pages are locked after invalidate_lock, and the transaction is another branch, which they are not locked in',
  },
  {
    in: ['ext4_init_io_end'],
    eras: ['v6.1', 'v6.12'],
    holds: ['NOFS'],
    because: '00d873c17e29: it asks for GFP_KERNEL, and reclaim there waits for s_writepages_rwsem behind a writer',
  },
];
