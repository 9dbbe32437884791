import { kernelFunction, note } from '@faultpath/engine';
import type { ModelEvent } from '../events.ts';
import { memalloc_noreclaim_restore, memalloc_noreclaim_save } from '../locks/memalloc.ts';
import type { Machine, Victim } from '../machine/types.ts';
import { do_try_to_free_pages } from './vmscan.ts';

/**
 * Reclaims from a memory cgroup that is at its limit. Unlike direct reclaim it is invisible to lockdep.
 *
 * @kernel mm/vmscan.c try_to_free_mem_cgroup_pages v6.1
 * @locks none of its own
 * @omits the scan's size and priority
 */
export const try_to_free_mem_cgroup_pages = kernelFunction(
  'try_to_free_mem_cgroup_pages',
  function* (env: Machine, effective: number, victim: Victim) {
    const enter: ModelEvent = {
      type: 'reclaim',
      action: 'enter',
      via: 'memcg',
      effective: env.masks.fact(effective, 'derived'),
    };
    yield note('memcg reclaim', enter);
    const saved = yield memalloc_noreclaim_save(env, 'try_to_free_mem_cgroup_pages');
    yield* do_try_to_free_pages(env, victim);
    yield memalloc_noreclaim_restore(env, saved, 'try_to_free_mem_cgroup_pages');
    yield note('memcg reclaim done', { ...enter, action: 'exit' });
    return 0;
  },
);

/**
 * Charges pages to the task's memory cgroup, which is at its limit: some of its memory has to go first.
 *
 * @kernel mm/memcontrol.c try_charge_memcg v6.1
 * @locks none of its own
 * @omits retries, the cgroup's OOM killer, charges by force
 */
export const try_charge_memcg = kernelFunction(
  'try_charge_memcg',
  function* (env: Machine, effective: number, victim: Victim) {
    yield* try_to_free_mem_cgroup_pages(env, effective, victim);
    return 0;
  },
);

/**
 * Charges a page of the kernel, such as one of a page table.
 *
 * @kernel mm/memcontrol.c __memcg_kmem_charge_page v6.1
 * @locks none of its own
 * @omits finding the cgroup; pages of the page cache are charged by another function with the same outcome
 */
export const __memcg_kmem_charge_page = kernelFunction(
  '__memcg_kmem_charge_page',
  function* (env: Machine, effective: number, victim: Victim) {
    yield* try_charge_memcg(env, effective, victim);
    return 0;
  },
);
