import { kernelFunction } from '@faultpath/engine';
import { changes, type Machine, sb_end_intwrite, sb_start_intwrite, type Victim } from '@faultpath/mm';
import { f2fs_lock_op, f2fs_unlock_op } from './checkpoint.ts';
import { f2fs_truncate } from './truncate.ts';

/**
 * Ends an inode: a linked one is only forgotten, an unlinked one gives its blocks back, and then itself.
 *
 * @kernel fs/f2fs/inode.c f2fs_evict_inode v6.1
 * @locks takes sb_internal shared, and inside it cp_rwsem shared, twice; released on return
 * @omits pages; quota; an evict while the filesystem is being frozen, which later releases let in
 */
export const f2fs_evict_inode = kernelFunction('f2fs_evict_inode', function* (env: Machine, victim: Victim) {
  if (!victim.state.unlinked) return 0;
  const { i_sb } = victim;
  yield sb_start_intwrite(i_sb);
  yield* f2fs_truncate(env, victim);
  yield* f2fs_lock_op(env, i_sb);
  yield changes('nlink', victim.name);
  yield* f2fs_unlock_op(env, i_sb);
  yield sb_end_intwrite(i_sb);
  return 0;
});
