import type { TraceVocabulary } from '@faultpath/lockdep';

const dataSem = [
  'ext4_map_blocks',
  'ext4_da_get_block_prep',
  'ext4_da_map_blocks',
  'ext4_truncate',
  'ext4_release_file',
  'ext4_punch_hole',
  'ext4_discard_preallocations',
  'ext4_map_create_blocks',
  'ext4_map_query_blocks',
  'mpage_map_and_submit_extent',
];

/**
 * ext4 and jbd2 in a recording, v5.10 to v7.2. The callers' names are those of the functions into which the compiler
 * left the lock call; where it inlined another way, the lock keeps its caller's symbol as class.
 */
export const ext4TraceVocabulary: TraceVocabulary = {
  name: 'ext4',
  fs: 'ext4',
  marks: [
    'ext4_dax_huge_fault',
    'ext4_page_mkwrite',
    'ext4_journal_start',
    'ext4_journal_start_sb',
    'ext4_journal_start_inode',
    'ext4_es_lookup_extent_enter',
    'ext4_ext_map_blocks_enter',
    'ext4_ind_map_blocks_enter',
    'ext4_mark_inode_dirty',
  ],
  locks: {
    invalidate_lock: 'rwsem',
    i_mmap_sem: 'rwsem',
    i_data_sem: 'rwsem',
    xattr_sem: 'rwsem',
    jbd2_handle: 'handle',
    s_writepages_rwsem: 'percpu-rwsem',
    s_orphan_lock: 'mutex',
    j_checkpoint_mutex: 'mutex',
    locality_group: 'mutex',
  },
  callers: [
    { caller: 'ext4_dax_huge_fault', lock: 'invalidate_lock', kind: 'rwsem' },
    { caller: 'ext4_page_mkwrite', lock: 'invalidate_lock', kind: 'rwsem' },
    { caller: 'ext4_filemap_fault', lock: 'invalidate_lock', kind: 'rwsem' },
    // It takes both: the mapping's first, and the size's under it.
    { caller: 'ext4_setattr', lock: 'i_data_sem', kind: 'rwsem', holding: 'invalidate_lock' },
    { caller: 'ext4_setattr', lock: 'invalidate_lock', kind: 'rwsem' },
    ...dataSem.map((caller) => ({ caller, lock: 'i_data_sem', kind: 'rwsem' as const })),
    { caller: 'ext4_xattr_get', lock: 'xattr_sem', kind: 'rwsem' },
    { caller: 'ext4_xattr_set_handle', lock: 'xattr_sem', kind: 'rwsem' },
    { caller: 'ext4_orphan_add', lock: 's_orphan_lock', kind: 'mutex' },
    { caller: 'ext4_orphan_del', lock: 's_orphan_lock', kind: 'mutex' },
    { caller: 'ext4_mb_initialize_context', lock: 'locality_group', kind: 'mutex' },
    { caller: 'ext4_mb_new_blocks', lock: 'locality_group', kind: 'mutex' },
    { caller: 'ext4_buffered_write_iter', lock: 'i_rwsem', kind: 'rwsem' },
    { caller: 'ext4_file_write_iter', lock: 'i_rwsem', kind: 'rwsem' },
    { caller: 'ext4_fallocate', lock: 'i_rwsem', kind: 'rwsem' },
    { caller: '__ext4_new_inode', lock: 'xattr_sem', kind: 'rwsem' },
  ],
  lockdepClasses: {
    '&ei->i_data_sem': 'i_data_sem',
    '&ei->xattr_sem': 'xattr_sem',
    '&sbi->s_writepages_rwsem': 's_writepages_rwsem',
    '&sbi->s_orphan_lock': 's_orphan_lock',
    '&journal->j_checkpoint_mutex': 'j_checkpoint_mutex',
    '&lg->lg_mutex': 'locality_group',
    jbd2_handle: 'jbd2_handle',
  },
  scopes: [
    {
      scope: 'handle',
      lock: 'jbd2_handle',
      enter: 'jbd2_handle_start',
      exit: ['jbd2_handle_stats'],
      request: [
        'ext4_journal_start',
        'ext4_journal_start_sb',
        'ext4_journal_start_inode',
        'ext4_journal_start_reserved',
      ],
      by: 'start_this_handle',
      instance: ['dev'],
      nofsSince: '4.12',
    },
  ],
  reclaim: [
    {
      from: { lock: 'fs_reclaim', mode: 'exclusive', kind: 'pseudo' },
      // A start waits for a locked transaction, and that for every open handle.
      to: { lock: 'jbd2_handle', mode: 'exclusive', kind: 'handle' },
      because: 'the last iput of an inode in reclaim starts a handle, to delete it or for its lazy timestamps',
      backtrace: ['jbd2__journal_start', '__ext4_journal_start_sb', 'ext4_evict_inode', 'evict', 'iput'],
    },
  ],
  record: {
    events: [
      'ext4/ext4_journal_start',
      'ext4/ext4_journal_start_sb',
      'ext4/ext4_journal_start_inode',
      'ext4/ext4_journal_start_reserved',
      'ext4/ext4_es_lookup_extent_enter',
      'ext4/ext4_ext_map_blocks_enter',
      'ext4/ext4_ext_map_blocks_exit',
      'ext4/ext4_ind_map_blocks_enter',
      'ext4/ext4_mark_inode_dirty',
      'ext4/ext4_evict_inode',
      'jbd2/jbd2_handle_start',
      'jbd2/jbd2_handle_stats',
      'jbd2/jbd2_start_commit',
      'jbd2/jbd2_end_commit',
    ],
    probes: [
      { name: 'ext4_dax_huge_fault', symbol: 'ext4_dax_huge_fault', at: 'entry', fetch: ['vmf:x64'] },
      { name: 'ext4_page_mkwrite', symbol: 'ext4_page_mkwrite', at: 'entry', fetch: ['vmf:x64'] },
    ],
  },
  invisible: [
    {
      knowledge: 'waits',
      because: 'the wait for a locked transaction leaves no event of the waiting task',
      probe: 'a kprobe on wait_transaction_locked',
    },
  ],
};
