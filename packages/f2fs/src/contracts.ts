import type { FilesystemContract } from '@faultpath/mm';

/** What f2fs's own functions and data need held. */
export const f2fsContracts: readonly FilesystemContract[] = [
  {
    in: ['f2fs_reserve_block'],
    holds: ['cp_rwsem', 'node_change'],
    because: 'fs/f2fs/data.c f2fs_get_block_locked: a block is made inside an operation, or under node_change',
  },
  ...[{ in: ['f2fs_do_add_link'] }, { data: 'nlink' }, { data: 'mapped', in: ['f2fs_do_truncate_blocks'] }].map(
    (where) => ({
      ...where,
      holds: ['cp_rwsem'],
      because:
        'fs/f2fs/dir.c f2fs_do_add_link: the caller is inside f2fs_lock_op and f2fs_unlock_op, so that no checkpoint sees half of it',
    }),
  ),
  ...[{ data: 'i_size' }, { in: ['f2fs_setattr', 'f2fs_truncate'] }].map((where) => ({
    ...where,
    eras: ['v5.15', 'v6.1', 'v6.12'] as const,
    holds: ['invalidate_lock'],
    exclusive: true as const,
    because:
      'include/linux/fs.h struct address_space, invalidate_lock: it keeps the page cache and the blocks on disk together while they go, and faults out',
  })),
  {
    in: ['f2fs_setattr', 'f2fs_truncate'],
    holds: ['i_rwsem'],
    exclusive: true,
    because: 'Documentation/filesystems/locking.rst: setattr is called with i_rwsem held exclusively',
  },
  {
    in: ['f2fs_setattr', 'f2fs_truncate'],
    holds: ['sb_writers'],
    because: 'fs/open.c vfs_truncate: mnt_want_write is in force until the truncate is done',
  },
  {
    data: 'nlink',
    holds: ['sb_writers', 'sb_internal'],
    because: 'fs/f2fs/inode.c f2fs_evict_inode takes the freeze level before it removes the inode',
  },
  {
    data: 'checkpoint',
    holds: ['cp_rwsem'],
    exclusive: true,
    because: 'fs/f2fs/checkpoint.c block_operations: a checkpoint is made while no operation is under way',
  },
  {
    data: 'nodes',
    holds: ['node_change'],
    exclusive: true,
    because: 'fs/f2fs/checkpoint.c block_operations: the node pages that are to be written do not change',
  },
  {
    data: 'nodes',
    holds: ['cp_rwsem'],
    exclusive: true,
    because: 'fs/f2fs/checkpoint.c block_operations: it waits for operations first',
  },
  {
    data: 'mapped',
    in: ['f2fs_get_block_locked'],
    holds: ['folio_lock'],
    because: 'fs/f2fs/file.c f2fs_vm_page_mkwrite: the page is locked before its block is made',
  },
  {
    data: 'mapped',
    in: ['f2fs_get_block_locked'],
    holds: ['invalidate_lock'],
    because: 'fs/f2fs/file.c f2fs_vm_page_mkwrite: no truncate comes between the look at the page and its block',
  },
  {
    data: 'dirty',
    in: ['f2fs_vm_page_mkwrite'],
    eras: ['v5.15', 'v6.1', 'v6.12'],
    holds: ['invalidate_lock'],
    because: 'fs/f2fs/file.c f2fs_vm_page_mkwrite: no truncate comes before the page is dirty',
  },
  {
    data: 'dirty',
    holds: ['folio_lock'],
    because: 'mm/page-writeback.c: a page is marked dirty with its lock held',
  },
];
