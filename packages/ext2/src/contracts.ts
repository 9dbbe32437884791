import type { FilesystemContract } from '@faultpath/mm';

/** What ext2's own functions and data need held. */
export const ext2Contracts: readonly FilesystemContract[] = [
  {
    data: 'mapped',
    holds: ['truncate_mutex'],
    exclusive: true,
    because: 'fs/ext2/ext2.h truncate_mutex: allocating and freeing blocks of one file exclude each other',
  },
  {
    in: ['__ext2_truncate_blocks'],
    holds: ['invalidate_lock', 'dax_sem'],
    exclusive: true,
    because: 'fs/ext2/inode.c __ext2_truncate_blocks warns without it: a fault would map blocks that are being freed',
  },
  {
    in: ['ext2_setattr', '__ext2_truncate_blocks'],
    holds: ['i_rwsem'],
    exclusive: true,
    because: 'fs/ext2/inode.c ext2_setsize: a size changes under i_rwsem only',
  },
];
