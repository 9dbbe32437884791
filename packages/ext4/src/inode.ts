import { choose, kernelFunction, load } from '@faultpath/engine';
import {
  changes,
  down_read,
  down_write,
  kmem_cache_alloc,
  type Machine,
  memalloc_nofs_restore,
  memalloc_nofs_save,
  type Rwsem,
  type SuperBlock,
  sb_end_intwrite,
  sb_start_intwrite,
  up_read,
  up_write,
  type Victim,
} from '@faultpath/mm';
import { jbd2_complete_transaction } from './jbd2/commit.ts';
import { __ext4_journal_start_sb, __ext4_journal_stop } from './journal.ts';
import { jbd2_journal_add_journal_head } from './mballoc.ts';

/** What a mount of ext4 has besides its journal. */
export interface Ext4SuperBlock {
  readonly s_writepages_rwsem: Rwsem;
}

/** What an inode of ext4 has. */
export interface Ext4Inode {
  readonly i_data_sem: Rwsem;
}

/**
 * Puts an inode that was marked dirty into the running transaction.
 *
 * @kernel fs/ext4/inode.c ext4_dirty_inode v6.1
 * @locks whatever the caller holds; opens and closes a handle
 * @omits the inode's buffer
 */
export const ext4_dirty_inode = kernelFunction('ext4_dirty_inode', function* (env: Machine, sb: SuperBlock) {
  yield* __ext4_journal_start_sb(env, sb);
  yield changes('inode', sb.name);
  if (env.bounds.detail !== undefined && (yield choose(2, "the inode's buffer is new to the journal")) === 1) {
    yield* jbd2_journal_add_journal_head(env);
  }
  yield* __ext4_journal_stop(env, sb);
  return 0;
});

/**
 * Makes what keeps account of the I/O of some pages.
 *
 * @kernel fs/ext4/page-io.c ext4_init_io_end v6.1
 * @locks whatever the caller holds
 * @omits nothing
 */
export const ext4_init_io_end = kernelFunction('ext4_init_io_end', function* (env: Machine) {
  const mask = env.masks.of('GFP_KERNEL|__GFP_ZERO');
  yield* kmem_cache_alloc(env, { site: 'ext4_init_io_end', mask, charged: false });
  return 0;
});

/**
 * Writes the pages of a dirty inode that goes with its last reference.
 *
 * @kernel fs/ext4/inode.c ext4_writepages v6.1
 * @locks takes s_writepages_rwsem shared; opens and closes a handle inside
 * @omits the pages: their locks are wanted by nobody, as the inode has no user left
 */
export const ext4_writepages = kernelFunction('ext4_writepages', function* (env: Machine, sb: SuperBlock) {
  const { s_writepages_rwsem } = sb.s_fs_info as Ext4SuperBlock;
  yield down_read(s_writepages_rwsem);
  const scoped = env.era.writepagesScope.is;
  const saved = scoped ? yield memalloc_nofs_save(env, 'ext4_writepages_down_read') : 0;
  yield* ext4_init_io_end(env);
  yield* __ext4_journal_start_sb(env, sb);
  yield changes('writeback', sb.name);
  yield* __ext4_journal_stop(env, sb);
  if (scoped) yield memalloc_nofs_restore(env, saved, 'ext4_writepages_up_read');
  yield up_read(s_writepages_rwsem);
  return 0;
});

/**
 * Gives a quota structure back with its last reference.
 *
 * @kernel fs/ext4/super.c ext4_release_dquot v5.15
 * @locks opens and closes a handle
 * @omits the quota file; from v6.1.192 on a worker does it
 */
export const ext4_release_dquot = kernelFunction('ext4_release_dquot', function* (env: Machine, sb: SuperBlock) {
  yield* __ext4_journal_start_sb(env, sb);
  yield changes('dquot', sb.name);
  yield* __ext4_journal_stop(env, sb);
  return 0;
});

/**
 * Lets go of what an inode has in memory.
 *
 * @kernel fs/ext4/super.c ext4_clear_inode v6.1
 * @locks whatever the caller holds
 * @omits preallocations and the extent status tree, which wait for nothing modelled
 */
export const ext4_clear_inode = kernelFunction('ext4_clear_inode', function* (env: Machine, victim: Victim) {
  if (victim.state.lastQuota && env.era.quotaReleaseInTask.is) yield* ext4_release_dquot(env, victim.i_sb);
  return 0;
});

/**
 * Ends an inode: a linked one is only forgotten, an unlinked one gives its blocks back in a handle.
 *
 * @kernel fs/ext4/inode.c ext4_evict_inode v6.1
 * @locks may take sb_internal shared, opens a handle, takes i_data_sem of the dying inode exclusively; all released
 * @omits pages; extended attributes in inodes of their own; failure
 */
export const ext4_evict_inode = kernelFunction('ext4_evict_inode', function* (env: Machine, victim: Victim) {
  const { i_sb, state } = victim;
  if (!state.unlinked) {
    if (state.journalledData && env.era.dataJournalCommitWait.is) yield* jbd2_complete_transaction(env, i_sb);
    yield* ext4_clear_inode(env, victim);
    return 0;
  }
  const info = yield load(env.current.journal_info);
  const protect = !(env.era.evictIntwriteWithoutHandle.is && info === i_sb.journal);
  if (protect) yield sb_start_intwrite(i_sb);
  yield* __ext4_journal_start_sb(env, i_sb);
  const { i_data_sem } = victim.i_private as Ext4Inode;
  yield down_write(i_data_sem);
  yield changes('mapped', victim.name);
  yield up_write(i_data_sem);
  // By ext4_free_inode, before it gives the inode's number back: still in the handle.
  yield* ext4_clear_inode(env, victim);
  yield changes('inode', i_sb.name);
  yield* __ext4_journal_stop(env, i_sb);
  if (protect) yield sb_end_intwrite(i_sb);
  return 0;
});
