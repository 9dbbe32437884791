import { choose, kernelFunction, load } from '@faultpath/engine';
import type { Inode, Machine, SuperBlock, Victim } from '../machine/types.ts';

/** What a dirty mark is about. */
export type DirtyFlags = 'I_DIRTY_SYNC' | 'I_DIRTY_TIME' | 'I_DIRTY_PAGES';

/**
 * Marks an inode dirty. A lazy timestamp stays in memory; anything else goes through the filesystem.
 *
 * @kernel fs/fs-writeback.c __mark_inode_dirty v6.1
 * @locks whatever the caller holds; i_lock and the writeback lists are not modelled
 * @omits the writeback lists
 */
export const __mark_inode_dirty = kernelFunction(
  '__mark_inode_dirty',
  function* (env: Machine, sb: SuperBlock, flags: DirtyFlags) {
    if (flags !== 'I_DIRTY_SYNC') return 0;
    const { dirty_inode } = sb.fs.s_op;
    if (dirty_inode !== undefined) yield* dirty_inode(env, sb);
    return 0;
  },
);

/**
 * Writes an inode and its pages, and waits for that.
 *
 * @kernel fs/fs-writeback.c write_inode_now v6.1
 * @locks whatever the caller holds
 * @omits I_SYNC, which nobody else can want for a dying inode
 */
export const write_inode_now = kernelFunction('write_inode_now', function* (env: Machine, victim: Victim) {
  const { writepages } = victim.i_sb.fs.s_op;
  if (writepages !== undefined) yield* writepages(env, victim.i_sb);
  return 0;
});

/**
 * Takes an inode out of memory.
 *
 * @kernel fs/inode.c evict v6.1
 * @locks whatever the caller holds; the inode itself is the caller's alone
 * @omits waiting for writeback: the inode is clean or was written just before
 */
export const evict = kernelFunction('evict', function* (env: Machine, victim: Victim) {
  const { evict_inode } = victim.i_sb.fs.s_op;
  if (evict_inode !== undefined) yield* evict_inode(env, victim);
  return 0;
});

/**
 * Drops the last reference of an inode. A linked inode with a lazy timestamp is marked dirty first: here reclaim
 * reaches a transaction without any eviction.
 *
 * @kernel fs/inode.c iput v6.1
 * @locks s_umount held shared where reclaim calls it
 * @omits the LRU on which a clean inode is parked, from where it would go as a plain linked one
 */
export const iput = kernelFunction('iput', function* (env: Machine, victim: Victim) {
  if (victim.state.dirtyTime && !victim.state.unlinked) {
    const reclaims = (yield load(env.current.PF_MEMALLOC)) === 1;
    if (reclaims && env.changes.includes('lazytime-stays-in-reclaim')) return 0;
    yield* __mark_inode_dirty(env, victim.i_sb, 'I_DIRTY_SYNC');
    return 0;
  }
  if (victim.state.dontcacheDirty) {
    yield* write_inode_now(env, victim);
    yield* evict(env, victim);
    return 0;
  }
  if (victim.state.unlinked) yield* evict(env, victim);
  return 0;
});

/**
 * Notes that a file is being written. With lazytime, or when the timestamps are current, nothing is written.
 *
 * @kernel fs/inode.c file_update_time v6.1
 * @locks sb_pagefaults shared, mmap_lock shared in a fault
 * @omits i_version
 */
export const file_update_time = kernelFunction('file_update_time', function* (env: Machine, inode: Inode) {
  const { i_sb } = inode;
  if (!i_sb.mount.stale_times) return 0;
  if (env.bounds.detail !== undefined && (yield choose(2, 'the timestamps are due')) === 0) return 0;
  const { update_time } = i_sb.fs.s_op;
  if (update_time !== undefined) {
    yield* update_time(env, inode);
    return 0;
  }
  yield* __mark_inode_dirty(env, i_sb, i_sb.mount.lazytime ? 'I_DIRTY_TIME' : 'I_DIRTY_SYNC');
  return 0;
});
