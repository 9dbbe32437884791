import { kernelFunction } from '@faultpath/engine';
import { down_read_trylock, up_read } from '../locks/rwsem.ts';
import type { Machine, Victim } from '../machine/types.ts';
import { evict, iput } from './inode.ts';

/**
 * Kills a dentry, and with it its reference to the inode.
 *
 * @kernel fs/dcache.c __dentry_kill v6.1
 * @locks s_umount held shared by the scan
 * @omits dentry spinlocks; the parent
 */
export const __dentry_kill = kernelFunction('__dentry_kill', function* (env: Machine, victim: Victim) {
  yield* iput(env, victim);
  return 0;
});

/**
 * Kills the dentries that were put on a list.
 *
 * @kernel fs/dcache.c shrink_dentry_list v6.1
 * @locks s_umount held shared by the scan
 * @omits dentries that came into use again
 */
export const shrink_dentry_list = kernelFunction('shrink_dentry_list', function* (env: Machine, victim: Victim) {
  yield* __dentry_kill(env, victim);
  return 0;
});

/**
 * Prunes unused dentries of a superblock.
 *
 * @kernel fs/dcache.c prune_dcache_sb v6.1
 * @locks s_umount held shared by the scan
 * @omits the LRU walk
 */
export const prune_dcache_sb = kernelFunction('prune_dcache_sb', function* (env: Machine, victim: Victim) {
  yield* shrink_dentry_list(env, victim);
  return 0;
});

/**
 * Evicts the inodes that were isolated.
 *
 * @kernel fs/inode.c dispose_list v6.1
 * @locks s_umount held shared by the scan
 * @omits nothing that waits
 */
export const dispose_list = kernelFunction('dispose_list', function* (env: Machine, victim: Victim) {
  yield* evict(env, victim);
  return 0;
});

/**
 * Prunes unused inodes of a superblock.
 *
 * @kernel fs/inode.c prune_icache_sb v6.1
 * @locks s_umount held shared by the scan
 * @omits the LRU walk; inodes that are referenced, dirty or still have pages are never victims here
 */
export const prune_icache_sb = kernelFunction('prune_icache_sb', function* (env: Machine, victim: Victim) {
  yield* dispose_list(env, victim);
  return 0;
});

/**
 * The shrinker of a superblock. Whether `__GFP_FS` lets it run was decided where the inode was taken.
 *
 * @kernel fs/super.c super_cache_scan v6.1
 * @locks takes s_umount shared by trylock, and gives up where it is busy
 * @omits counts; the filesystem's own cached objects are of the same inode, as one is taken at a time
 */
export const super_cache_scan = kernelFunction('super_cache_scan', function* (env: Machine, victim: Victim) {
  const locked = yield down_read_trylock(victim.i_sb.s_umount);
  if (locked === 0) return 0;
  if (env.changes.includes('reclaim-leaves-frozen-alone')) {
    // A freeze has s_umount exclusively until it is complete: what is seen here stays so until it is given back.
    const { sb_internal } = victim.i_sb.s_writers;
    const thawed = yield down_read_trylock(sb_internal);
    if (thawed === 1) yield up_read(sb_internal);
    else {
      yield up_read(victim.i_sb.s_umount);
      return 0;
    }
  }
  if (victim.via === 'prune_dcache_sb') yield* prune_dcache_sb(env, victim);
  else yield* prune_icache_sb(env, victim);
  const { free_cached_objects } = victim.i_sb.fs.s_op;
  if (free_cached_objects !== undefined) yield* free_cached_objects(env, victim);
  yield up_read(victim.i_sb.s_umount);
  return 0;
});
