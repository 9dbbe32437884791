import { kernelFunction, note } from '@faultpath/engine';
import type { ModelEvent } from '../events.ts';
import { memalloc_noreclaim_restore, memalloc_noreclaim_save } from '../locks/memalloc.ts';
import type { Machine, Victim } from '../machine/types.ts';
import { super_cache_scan } from './super-cache-scan.ts';

/**
 * Calls one shrinker.
 *
 * @kernel mm/vmscan.c do_shrink_slab v6.1
 * @locks none of its own
 * @omits batches and counts
 */
export const do_shrink_slab = kernelFunction('do_shrink_slab', function* (env: Machine, victim: Victim) {
  const { shrink } = victim.i_sb.fs.s_op;
  if (victim.via !== 'shrinker') yield* super_cache_scan(env, victim);
  else if (shrink !== undefined) yield* shrink(env, victim);
  return 0;
});

/**
 * Calls the shrinkers; here the one that owns the inode taken.
 *
 * @kernel mm/vmscan.c shrink_slab v6.1
 * @locks shrinker_rwsem is only tried and never waited for: not modelled
 * @omits every shrinker that never waits
 */
export const shrink_slab = kernelFunction('shrink_slab', function* (env: Machine, victim: Victim) {
  yield* do_shrink_slab(env, victim);
  return 0;
});

/**
 * Reclaims from one node.
 *
 * @kernel mm/vmscan.c shrink_node v6.1
 * @locks none of its own
 * @omits the LRU lists of pages: no modelled path waits for a page there
 */
export const shrink_node = kernelFunction('shrink_node', function* (env: Machine, victim: Victim) {
  yield* shrink_slab(env, victim);
  return 0;
});

/**
 * Reclaims until something was freed.
 *
 * @kernel mm/vmscan.c do_try_to_free_pages v6.1
 * @locks none of its own
 * @omits priorities and retries: one pass
 */
export const do_try_to_free_pages = kernelFunction('do_try_to_free_pages', function* (env: Machine, victim: Victim) {
  yield* shrink_node(env, victim);
  return 0;
});

/**
 * Direct reclaim by the task that allocates.
 *
 * @kernel mm/vmscan.c try_to_free_pages v6.1
 * @locks none of its own
 * @omits throttling; PF_MEMALLOC is set here, though __perform_reclaim does it
 */
export const try_to_free_pages = kernelFunction(
  'try_to_free_pages',
  function* (env: Machine, effective: number, victim: Victim) {
    const enter: ModelEvent = {
      type: 'reclaim',
      action: 'enter',
      via: 'direct',
      effective: env.masks.fact(effective, 'derived'),
    };
    yield note('direct reclaim', enter);
    const saved = yield memalloc_noreclaim_save(env, '__perform_reclaim');
    yield* do_try_to_free_pages(env, victim);
    yield memalloc_noreclaim_restore(env, saved, '__perform_reclaim');
    yield note('direct reclaim done', { ...enter, action: 'exit' });
    return 0;
  },
);
