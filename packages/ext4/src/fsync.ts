import { dax_writeback_one } from '@faultpath/dax';
import { choose, kernelFunction } from '@faultpath/engine';
import { down_read, type Inode, type Machine, up_read } from '@faultpath/mm';
import type { Ext4SuperBlock } from './inode.ts';
import { jbd2_complete_transaction } from './jbd2/commit.ts';

/**
 * Makes the pages of a DAX file durable. The lock around that is told where recordings are compared: nobody wants it
 * exclusively.
 *
 * @kernel fs/ext4/inode.c ext4_dax_writepages v6.1
 * @locks s_writepages_rwsem shared; locks each DAX entry for a moment
 * @omits the lock's NOFS scope: nothing is allocated inside
 */
const ext4_dax_writepages = kernelFunction('ext4_dax_writepages', function* (env: Machine, inode: Inode) {
  const { s_writepages_rwsem } = inode.i_sb.s_fs_info as Ext4SuperBlock;
  if (env.bounds.detail !== undefined) yield down_read(s_writepages_rwsem);
  for (const slot of inode.i_mapping.i_pages) yield* dax_writeback_one(env, slot);
  if (env.bounds.detail !== undefined) yield up_read(s_writepages_rwsem);
  return 0;
});

/**
 * Makes a file durable: its pages, then the transaction that its metadata is in.
 *
 * @kernel fs/ext4/fsync.c ext4_sync_file v6.1
 * @locks none of its own; a MAP_SYNC fault calls it with its fault locks held
 * @omits fast commits; the device's cache; that clean pages need nothing, which only recordings show
 */
export const ext4_sync_file = kernelFunction('ext4_sync_file', function* (env: Machine, inode: Inode) {
  const { detail } = env.bounds;
  const dirty = detail === undefined || (yield choose(2, 'a page is dirty')) === 1;
  if (dirty) yield* ext4_dax_writepages(env, inode);
  yield* jbd2_complete_transaction(env, inode.i_sb);
  return 0;
});
