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
  type Victim,
} from '@faultpath/mm';
import { f2fs_lock_op, f2fs_unlock_op } from './checkpoint.ts';

/**
 * Frees the blocks of a file, or of an inode that goes, as an operation.
 *
 * @kernel fs/f2fs/file.c f2fs_do_truncate_blocks v6.1
 * @locks takes and releases cp_rwsem shared
 * @omits node pages, which nobody has locked while waiting for what is modelled; the partial block at the end
 */
export const f2fs_do_truncate_blocks = kernelFunction(
  'f2fs_do_truncate_blocks',
  function* (env: Machine, inode: Inode | Victim) {
    yield* f2fs_lock_op(env, inode.i_sb);
    yield freeBlocks(inode);
    yield* f2fs_unlock_op(env, inode.i_sb);
    return 0;
  },
);

/**
 * Frees the blocks of a file, from the call on.
 *
 * @kernel fs/f2fs/file.c f2fs_truncate v6.1
 * @locks as f2fs_do_truncate_blocks
 * @omits inline data
 */
export const f2fs_truncate = kernelFunction('f2fs_truncate', function* (env: Machine, inode: Inode | Victim) {
  yield* f2fs_do_truncate_blocks(env, inode);
  return 0;
});

/**
 * Cuts a file to nothing, from the system call on. Up to v4.12 no lock keeps faults away; the pages' own do.
 *
 * @kernel fs/f2fs/file.c f2fs_setattr v6.1
 * @locks takes sb_writers shared and i_rwsem exclusively, from v5.15 on invalidate_lock exclusively; then the pages in
 * turn, and cp_rwsem shared; all released
 * @omits waiting for direct I/O; i_gc_rwsem, which keeps garbage collection and direct writes away
 */
export const f2fs_setattr = kernelFunction('f2fs_setattr', function* (env: Machine, inode: Inode) {
  const { i_sb, i_rwsem, i_mapping } = inode;
  const excludesFaults = env.era.invalidateLock.is;
  yield sb_start_write(i_sb);
  yield down_write(i_rwsem);
  if (excludesFaults) yield down_write(i_mapping.invalidate_lock);
  yield* truncate_setsize(env, inode);
  yield* f2fs_truncate(env, inode);
  if (excludesFaults) yield up_write(i_mapping.invalidate_lock);
  yield up_write(i_rwsem);
  yield sb_end_write(i_sb);
  return 0;
});
