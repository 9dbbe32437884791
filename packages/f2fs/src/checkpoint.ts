import { kernelFunction, load, store } from '@faultpath/engine';
import {
  changes,
  down_read,
  down_write,
  type Machine,
  memalloc_nofs_restore,
  memalloc_nofs_save,
  type Rwsem,
  type SuperBlock,
  up_read,
  up_write,
} from '@faultpath/mm';

/** What a mount of f2fs has. */
export interface F2fs {
  /** Held shared by operations that change metadata, exclusively by a checkpoint. */
  readonly cp_rwsem: Rwsem;
  /** Held shared while a block is made for a page, exclusively by a checkpoint when the directories are written. */
  readonly node_change: Rwsem;
}

/** What belongs to a superblock. */
export function f2fsOf(sb: SuperBlock): F2fs {
  return sb.s_fs_info as F2fs;
}

/**
 * Begins an operation. It does not look whether the task is inside one already: beginning another one there waits for
 * ever where a checkpoint came in between.
 *
 * @kernel fs/f2fs/f2fs.h f2fs_lock_op v6.1
 * @locks returns with cp_rwsem held shared
 * @omits nothing
 */
export const f2fs_lock_op = kernelFunction('f2fs_lock_op', function* (env: Machine, sb: SuperBlock) {
  yield down_read(f2fsOf(sb).cp_rwsem);
  // No release does this: it is the policy to be tried.
  if (env.policy.handleScope) {
    const saved = yield memalloc_nofs_save(env, 'f2fs_lock_op');
    yield store(env.current.saved_nofs, saved);
  }
  return 0;
});

/**
 * Ends an operation.
 *
 * @kernel fs/f2fs/f2fs.h f2fs_unlock_op v6.1
 * @locks cp_rwsem held shared on entry; released
 * @omits nothing
 */
export const f2fs_unlock_op = kernelFunction('f2fs_unlock_op', function* (env: Machine, sb: SuperBlock) {
  if (env.policy.handleScope) {
    const saved = yield load(env.current.saved_nofs);
    yield store(env.current.saved_nofs, 0);
    yield memalloc_nofs_restore(env, saved, 'f2fs_unlock_op');
  }
  yield up_read(f2fsOf(sb).cp_rwsem);
  return 0;
});

/**
 * Keeps operations out while a checkpoint is made.
 *
 * @kernel fs/f2fs/checkpoint.c block_operations v6.1
 * @locks takes cp_rwsem exclusively, and node_change inside, which it releases; returns with cp_rwsem held
 * @omits writing dirty directories and nodes, for which both are released and taken again; node_write
 */
export const block_operations = kernelFunction('block_operations', function* (_env: Machine, sb: SuperBlock) {
  const { cp_rwsem, node_change } = f2fsOf(sb);
  yield down_write(cp_rwsem);
  yield down_write(node_change);
  yield changes('nodes', sb.name);
  yield up_write(node_change);
  return 0;
});

/**
 * Makes a checkpoint. Who asks for one, and when, is left open: it may come at any time.
 *
 * @kernel fs/f2fs/checkpoint.c f2fs_write_checkpoint v6.1
 * @locks takes cp_rwsem exclusively; released on return
 * @omits cp_global_sem, which only checkpoints take; the write itself, which waits for nobody
 */
export const f2fs_write_checkpoint = kernelFunction('f2fs_write_checkpoint', function* (env: Machine, sb: SuperBlock) {
  yield* block_operations(env, sb);
  yield changes('checkpoint', sb.name);
  yield up_write(f2fsOf(sb).cp_rwsem);
  return 0;
});
