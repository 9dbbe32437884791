import { kernelFunction } from '@faultpath/engine';
import type { Inode, Machine } from '@faultpath/mm';
import { f2fs_write_checkpoint } from './checkpoint.ts';

/**
 * Makes a file durable by a checkpoint of everything.
 *
 * @kernel fs/f2fs/file.c f2fs_do_sync_file v6.1
 * @locks as f2fs_write_checkpoint
 * @omits writing the file's pages before, each locked with nothing else held; a sync by the file's nodes alone, which
 * takes no lock that is modelled; leaving the checkpoint to its thread
 */
export const f2fs_do_sync_file = kernelFunction('f2fs_do_sync_file', function* (env: Machine, inode: Inode) {
  yield* f2fs_write_checkpoint(env, inode.i_sb);
  return 0;
});
