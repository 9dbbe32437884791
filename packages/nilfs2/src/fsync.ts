import { kernelFunction } from '@faultpath/engine';
import { down_write, type Inode, type Machine, up_write } from '@faultpath/mm';
import { decides } from './decisions.ts';
import { nilfs_lookup_dirty_data_buffers } from './segment.ts';
import { nilfsOf } from './transaction.ts';

/**
 * Writes the data of one file as a segment of its own, in the task that asks for it.
 *
 * @kernel fs/nilfs2/segment.c nilfs_construct_dsync_segment v6.1
 * @locks takes ns_segctor_sem exclusively; locks and unlocks every dirty page of the file; released on return
 * @omits a mount that keeps a strict order, where the constructor is asked instead; the I/O
 */
export const nilfs_construct_dsync_segment = kernelFunction(
  'nilfs_construct_dsync_segment',
  function* (env: Machine, { i_sb, i_mapping }: Inode) {
    const { ns_segctor_sem } = nilfsOf(i_sb);
    yield down_write(ns_segctor_sem);
    if (decides(i_sb, 'constructorLocksPages'))
      for (const slot of i_mapping.i_pages) yield* nilfs_lookup_dirty_data_buffers(env, slot);
    yield up_write(ns_segctor_sem);
    return 0;
  },
);

/**
 * Makes a file's data durable.
 *
 * @kernel fs/nilfs2/file.c nilfs_sync_file v6.1
 * @locks as nilfs_construct_dsync_segment
 * @omits a sync that is for metadata too: it waits for the constructor, with nothing held; the device's cache
 */
export const nilfs_sync_file = kernelFunction('nilfs_sync_file', function* (env: Machine, inode: Inode) {
  yield* nilfs_construct_dsync_segment(env, inode);
  return 0;
});
