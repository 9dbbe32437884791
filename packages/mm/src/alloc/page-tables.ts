import { kernelFunction } from '@faultpath/engine';
import type { Machine } from '../machine/types.ts';
import { __alloc_pages, kmem_cache_alloc } from './allocate.ts';

/**
 * Allocates a page for the lowest level of the page table. No mapping mask governs it, only the task's scopes.
 *
 * @kernel arch/x86/mm/pgtable.c pte_alloc_one v6.1
 * @locks whatever the fault holds
 * @omits the spinlock of the page (ptlock), allocated beside it in some configurations, unless that detail is asked for
 */
export const pte_alloc_one = kernelFunction('pte_alloc_one', function* (env: Machine) {
  yield* __alloc_pages(env, { site: 'pte_alloc_one', mask: env.masks.of(env.era.pageTableGfp.is), charged: true });
  if (env.bounds.detail?.lockdep === true) yield* ptlock_alloc(env, 'ptlock_alloc');
  return 0;
});

/**
 * The spinlock of a page-table page, where the configuration does not keep it in the page's own structure.
 *
 * @kernel mm/memory.c ptlock_alloc v6.1
 * @locks whatever the fault holds
 * @omits failure
 */
const ptlock_alloc = kernelFunction('ptlock_alloc', function* (env: Machine, site: string) {
  yield* kmem_cache_alloc(env, { site, mask: env.masks.of('GFP_KERNEL'), charged: false });
  return 0;
});

/**
 * Gives the page table a page of its fourth-lowest level.
 *
 * @kernel mm/memory.c __p4d_alloc v6.1
 * @locks mmap_lock shared
 * @omits the page-table spinlock; another thread being faster
 */
export const __p4d_alloc = kernelFunction('__p4d_alloc', function* (env: Machine) {
  yield* __alloc_pages(env, { site: '__p4d_alloc', mask: env.masks.of(env.era.pageTableGfp.is), charged: true });
  return 0;
});

/**
 * Gives the page table a page of its third-lowest level.
 *
 * @kernel mm/memory.c __pud_alloc v6.1
 * @locks mmap_lock shared
 * @omits as __p4d_alloc
 */
export const __pud_alloc = kernelFunction('__pud_alloc', function* (env: Machine) {
  yield* __alloc_pages(env, { site: '__pud_alloc', mask: env.masks.of(env.era.pageTableGfp.is), charged: true });
  return 0;
});

/**
 * Gives the page table a page of its second-lowest level.
 *
 * @kernel mm/memory.c __pmd_alloc v6.1
 * @locks mmap_lock shared; of a fault that was tried with 1 GiB nothing is left
 * @omits as __p4d_alloc
 */
export const __pmd_alloc = kernelFunction('__pmd_alloc', function* (env: Machine) {
  yield* __alloc_pages(env, { site: '__pmd_alloc', mask: env.masks.of(env.era.pageTableGfp.is), charged: true });
  // Inlined there: a recording names the caller.
  if (env.bounds.detail?.lockdep === true) yield* ptlock_alloc(env, '__pmd_alloc');
  return 0;
});

/**
 * Gives the page table a lowest-level page where it has none.
 *
 * @kernel mm/memory.c __pte_alloc v6.1
 * @locks whatever the fault holds; the page-table spinlock is not modelled
 * @omits the page being freed again when another thread was faster
 */
export const __pte_alloc = kernelFunction('__pte_alloc', function* (env: Machine) {
  yield* pte_alloc_one(env);
  return 0;
});

/**
 * Finds, and where needed makes, the page-table entry of an address.
 *
 * @kernel mm/memory.c __get_locked_pte v6.1
 * @locks whatever the fault holds
 * @omits the upper levels, taken to be there; the entry's spinlock
 */
export const __get_locked_pte = kernelFunction('__get_locked_pte', function* (env: Machine, pmd_none: boolean) {
  if (pmd_none) yield* __pte_alloc(env);
  return 0;
});
