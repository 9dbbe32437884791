import { type Alternative, kernelFunction, load, note, type Op, op } from '@faultpath/engine';
import type { AllocEvent } from '@faultpath/lockdep';
import type { ModelEvent } from '../events.ts';
import type { Machine, Victim } from '../machine/types.ts';
import { __memcg_kmem_charge_page } from '../reclaim/memcg.ts';
import { throttle_direct_reclaim } from '../reclaim/throttle.ts';
import { takes } from '../reclaim/victim.ts';
import { try_to_free_pages } from '../reclaim/vmscan.ts';

/** What an allocation asks for. */
export interface Request {
  /** Kernel function that allocates. */
  readonly site: string;
  readonly mask: number;
  /** It is charged to the task's memory cgroup, whose limit is reached. */
  readonly charged: boolean;
  /** `mapping_gfp_mask()` of the mapping that the allocation is for. */
  readonly mapping?: number;
}

/**
 * The step of an allocation: it succeeds without reclaim, or reclaim takes one unused inode. One step, because the
 * choice and the taking are made by nobody else. Result 0, or 1 + the number of the victim; one more where memory is so
 * low that the task waits for kswapd.
 */
function allocation(env: Machine, request: Request, scopes: { nofs: boolean; noio: boolean }, memalloc: boolean): Op {
  const effective = env.masks.effective(request.mask, scopes);
  const event: Omit<AllocEvent, 'task'> = {
    type: 'alloc',
    site: request.site,
    requested: env.masks.fact(request.mask, 'recorded'),
    effective: env.masks.fact(effective, 'derived'),
    charged: request.charged,
    ...(request.mapping === undefined ? {} : { mapping: env.masks.fact(request.mapping, 'recorded') }),
  };
  const alternatives: Alternative[] = [
    { when: [], does: [], result: 0, event: Object.freeze(event) satisfies ModelEvent },
  ];
  // Without __GFP_FS only shrinkers that never wait run; under PF_MEMALLOC the reserves serve. Neither branches.
  if (env.masks.mayEnterFs(effective) && !memalloc) {
    for (const [index, victim] of env.victims.entries()) {
      alternatives.push({
        ...takes(victim),
        result: index + 1,
        event: Object.freeze(event),
      });
    }
    if (env.pfmemalloc !== undefined)
      alternatives.push({ when: [], does: [], result: env.victims.length + 1, event: Object.freeze(event) });
  }
  return op(`alloc ${request.site}`, alternatives);
}

/**
 * The page allocator: applies the task's scopes to the mask, allocates, and reclaims where that is allowed.
 *
 * @kernel mm/page_alloc.c __alloc_pages v6.1
 * @locks none of its own; the caller's stay held while it reclaims
 * @omits watermarks, compaction, the OOM killer and failure; at most one inode is taken per allocation; the charge of
 * a charged allocation is where its reclaim starts, as the gates of direct reclaim are the same
 */
export const __alloc_pages = kernelFunction('__alloc_pages', function* (env: Machine, request: Request) {
  const nofs = (yield load(env.current.PF_MEMALLOC_NOFS)) === 1;
  const noio = (yield load(env.current.PF_MEMALLOC_NOIO)) === 1;
  const memalloc = (yield load(env.current.PF_MEMALLOC)) === 1;
  const effective = env.masks.effective(request.mask, { nofs, noio });
  const taken = yield allocation(env, request, { nofs, noio }, memalloc);
  if (taken === 0) return 0;
  if (taken > env.victims.length) {
    yield* throttle_direct_reclaim(env);
    return 0;
  }
  const victim = env.victims[taken - 1] as Victim;
  if (request.charged) yield* __memcg_kmem_charge_page(env, effective, victim);
  else yield* try_to_free_pages(env, effective, victim);
  return 0;
});

/**
 * The slab allocator. It gets its page, and with it every scope and reclaim, from the page allocator; a free object in
 * the slab is the case without reclaim.
 *
 * @kernel mm/slub.c kmem_cache_alloc v6.1
 * @locks as __alloc_pages
 * @omits per-cpu slabs: any allocation may need a page
 */
export const kmem_cache_alloc = kernelFunction('kmem_cache_alloc', function* (env: Machine, request: Request) {
  yield* __alloc_pages(env, request);
  return 0;
});

/**
 * An allocation that cannot sleep, and therefore never reclaims: it is only told.
 */
export function atomicAllocation(env: Machine, site: string, mask: number): Op {
  const event: Omit<AllocEvent, 'task'> = {
    type: 'alloc',
    site,
    requested: env.masks.fact(mask, 'recorded'),
    effective: env.masks.fact(mask, 'derived'),
  };
  return note(`alloc ${site}`, Object.freeze(event));
}
