import { kernelFunction } from '@faultpath/engine';
import type { Machine, SuperBlock } from '@faultpath/mm';
import { jbd2__journal_start, jbd2_journal_stop } from './jbd2/handle.ts';

/**
 * Opens a handle on a superblock's journal.
 *
 * @kernel fs/ext4/ext4_jbd2.c __ext4_journal_start_sb v6.1
 * @locks returns with the handle open
 * @omits mounts without a journal; read-only and aborted filesystems
 */
export const __ext4_journal_start_sb = kernelFunction(
  '__ext4_journal_start_sb',
  function* (env: Machine, sb: SuperBlock) {
    yield* jbd2__journal_start(env, sb);
    return 0;
  },
);

/**
 * Closes a handle.
 *
 * @kernel fs/ext4/ext4_jbd2.c __ext4_journal_stop v6.1
 * @locks the handle is open on entry
 * @omits errors kept in the handle
 */
export const __ext4_journal_stop = kernelFunction('__ext4_journal_stop', function* (env: Machine, sb: SuperBlock) {
  yield* jbd2_journal_stop(env, sb);
  return 0;
});
