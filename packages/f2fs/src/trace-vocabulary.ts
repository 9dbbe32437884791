import type { TraceVocabulary } from '@faultpath/lockdep';

/**
 * Functions into which `f2fs_lock_op` is inlined, and which take no other rwsem of f2fs shared. Read in namei.c, file.c,
 * inode.c, inline.c, xattr.c and segment.c of public trees from 4.14 to 6.12.
 */
const operations = [
  'f2fs_lock_op',
  'f2fs_create',
  'f2fs_mkdir',
  'f2fs_mknod',
  'f2fs_symlink',
  'f2fs_link',
  'f2fs_unlink',
  'f2fs_do_truncate_blocks',
  'f2fs_evict_inode',
  'f2fs_convert_inline_inode',
  'f2fs_setxattr',
  // Up to 5.17.
  'f2fs_commit_inmem_pages',
];

/**
 * f2fs in a recording, v5.10 to v7.2. It takes its locks by inline functions. Where one caller may mean either of two
 * (`f2fs_do_map_lock`, later `f2fs_map_lock`, means cp_rwsem or node_change), the lock keeps its caller's symbol as class. So
 * it does where a release takes them by a function that is not inlined (`f2fs_down_read_trace`). In 5.17 lockdep had one name
 * for all of them. `f2fs_get_block_locked` is in 6.1 by a stable release only; some releases after 6.12 take cp_enable_rwsem
 * around node_change, which lockdep tells and a stock recording does not.
 */
export const f2fsTraceVocabulary: TraceVocabulary = {
  name: 'f2fs',
  fs: 'f2fs',
  marks: ['f2fs_filemap_fault', 'f2fs_vm_page_mkwrite', 'f2fs_map_blocks'],
  locks: {
    cp_rwsem: 'rwsem',
    node_change: 'rwsem',
    node_write: 'rwsem',
    nat_tree_lock: 'rwsem',
    gc_lock: 'rwsem',
    cp_global_sem: 'rwsem',
    quota_sem: 'rwsem',
    i_sem: 'rwsem',
    i_xattr_sem: 'rwsem',
    cp_enable_rwsem: 'rwsem',
  },
  callers: [
    { caller: 'f2fs_vm_page_mkwrite', lock: 'invalidate_lock', kind: 'rwsem', mode: 'shared' },
    { caller: 'f2fs_get_block_locked', lock: 'node_change', kind: 'rwsem', mode: 'shared' },
    ...operations.map((caller) => ({ caller, lock: 'cp_rwsem', kind: 'rwsem' as const, mode: 'shared' as const })),
  ],
  lockdepClasses: {
    '&sbi->cp_rwsem': 'cp_rwsem',
    '&sbi->node_change': 'node_change',
    '&sbi->node_write': 'node_write',
    '&nm_i->nat_tree_lock': 'nat_tree_lock',
    '&sbi->gc_lock': 'gc_lock',
    '&sbi->cp_global_sem': 'cp_global_sem',
    '&sbi->quota_sem': 'quota_sem',
    '&fi->i_sem': 'i_sem',
    '&fi->i_xattr_sem': 'i_xattr_sem',
    '&sbi->cp_enable_rwsem': 'cp_enable_rwsem',
  },
  reclaim: [
    {
      from: { lock: 'fs_reclaim', mode: 'exclusive', kind: 'pseudo' },
      to: { lock: 'cp_rwsem', mode: 'shared', kind: 'rwsem' },
      because: 'the last iput of an unlinked inode in reclaim begins an operation, which does not nest',
      backtrace: [
        'f2fs_do_truncate_blocks',
        'f2fs_truncate_blocks',
        'f2fs_truncate',
        'f2fs_evict_inode',
        'evict',
        'iput',
      ],
    },
  ],
  record: {
    events: ['f2fs/f2fs_filemap_fault', 'f2fs/f2fs_vm_page_mkwrite', 'f2fs/f2fs_map_blocks'],
    probes: [{ name: 'f2fs_vm_page_mkwrite', symbol: 'f2fs_vm_page_mkwrite', at: 'entry', fetch: ['vmf:x64'] }],
  },
};
