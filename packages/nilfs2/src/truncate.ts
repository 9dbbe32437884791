import { kernelFunction } from '@faultpath/engine';
import {
  down_write,
  freeBlocks,
  type Inode,
  type Machine,
  sb_end_write,
  sb_start_write,
  truncate_setsize,
  up_write,
} from '@faultpath/mm';
import { nilfs_transaction_begin, nilfs_transaction_commit } from './transaction.ts';

/**
 * Frees the blocks of a file, in a transaction inside the caller's, which only counts.
 *
 * @kernel fs/nilfs2/inode.c nilfs_truncate v6.1
 * @locks as nilfs_setattr has them; begins and ends a transaction
 * @omits the partial block at the end; the bmap's semaphore
 */
export const nilfs_truncate = kernelFunction('nilfs_truncate', function* (env: Machine, inode: Inode) {
  yield* nilfs_transaction_begin(env, inode.i_sb);
  yield freeBlocks(inode);
  yield* nilfs_transaction_commit(env, inode.i_sb);
  return 0;
});

/**
 * Cuts a file to nothing, from the system call on. No lock of the mapping is taken: pages are locked inside the
 * transaction, so whoever has one locked must not wait for a transaction.
 *
 * @kernel fs/nilfs2/inode.c nilfs_setattr v6.1
 * @locks takes sb_writers shared, i_rwsem exclusively, then a transaction, and locks every page inside; all released
 * @omits waiting for direct I/O; access control lists
 */
export const nilfs_setattr = kernelFunction('nilfs_setattr', function* (env: Machine, inode: Inode) {
  const { i_sb, i_rwsem } = inode;
  yield sb_start_write(i_sb);
  yield down_write(i_rwsem);
  yield* nilfs_transaction_begin(env, i_sb);
  yield* truncate_setsize(env, inode);
  yield* nilfs_truncate(env, inode);
  yield* nilfs_transaction_commit(env, i_sb);
  yield up_write(i_rwsem);
  yield sb_end_write(i_sb);
  return 0;
});
