import type { FilesystemContract } from '@faultpath/mm';

const transaction =
  'fs/nilfs2/segment.c nilfs_transaction_begin: what is changed inside a transaction is not written half done';

/** What nilfs2's own functions and data need held. */
export const nilfs2Contracts: readonly FilesystemContract[] = [
  ...[{ data: 'mapped' }, { data: 'inode' }, { in: ['nilfs_add_link'] }, { in: ['page_symlink'] }].flatMap((where) => [
    { ...where, holds: ['ns_segctor_sem'], because: transaction },
    {
      ...where,
      holds: ['sb_internal'],
      because: 'fs/nilfs2/segment.c nilfs_transaction_begin counts every transaction in by the freeze level',
    },
  ]),
  ...[{ data: 'i_size' }, { in: ['nilfs_truncate'] }, { in: ['nilfs_page_mkwrite', 'file_update_time'] }].map(
    (where) => ({
      ...where,
      holds: ['ns_segctor_sem'],
      because:
        'fs/nilfs2/inode.c nilfs_setattr and file.c nilfs_page_mkwrite: size, blocks and times that change together do so in one transaction, hence in one segment',
    }),
  ),
  {
    in: ['nilfs_truncate'],
    holds: ['i_rwsem'],
    exclusive: true,
    because: 'Documentation/filesystems/locking.rst: setattr is called with i_rwsem held exclusively',
  },
  {
    in: ['nilfs_truncate'],
    holds: ['sb_writers'],
    because: 'fs/open.c vfs_truncate: mnt_want_write is in force until the truncate is done',
  },
  {
    data: 'mapped',
    in: ['nilfs_get_block'],
    holds: ['folio_lock'],
    because: 'fs/buffer.c __block_write_begin: buffers get their blocks with the page locked',
  },
  {
    in: ['nilfs_segctor_construct'],
    holds: ['ns_segctor_sem'],
    exclusive: true,
    because: 'fs/nilfs2/segment.c nilfs_segctor_do_construct: nobody changes anything while a segment is put together',
  },
  {
    data: 'dirty',
    holds: ['folio_lock'],
    because: 'mm/page-writeback.c: a page is marked dirty, and cleaned for writing, with its lock held',
  },
];
