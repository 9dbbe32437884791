import { dax_writeback_one } from '@faultpath/dax';
import { kernelFunction } from '@faultpath/engine';
import type { Inode, Machine } from '@faultpath/mm';
import { jbd2_complete_transaction } from './jbd2/commit.ts';

/**
 * Makes a file durable: its pages, then the transaction that its metadata is in.
 *
 * @kernel fs/ext4/fsync.c ext4_sync_file v6.1
 * @locks none of its own; a MAP_SYNC fault calls it with its fault locks held
 * @omits fast commits; the device's cache; s_writepages_rwsem around the pages, which nobody wants exclusively
 */
export const ext4_sync_file = kernelFunction('ext4_sync_file', function* (env: Machine, inode: Inode) {
  for (const slot of inode.i_mapping.i_pages) yield* dax_writeback_one(env, slot);
  yield* jbd2_complete_transaction(env, inode.i_sb);
  return 0;
});
