import { kernelFunction } from '@faultpath/engine';
import type { Machine } from '../machine/types.ts';
import { __alloc_pages } from './allocate.ts';

/**
 * Allocates a page for the lowest level of the page table. No mapping mask governs it, only the task's scopes.
 *
 * @kernel arch/x86/mm/pgtable.c pte_alloc_one v6.1
 * @locks whatever the fault holds
 * @omits the spinlock of the page (ptlock), allocated beside it in some configurations
 */
export const pte_alloc_one = kernelFunction('pte_alloc_one', function* (env: Machine) {
  yield* __alloc_pages(env, { site: 'pte_alloc_one', mask: env.masks.of(env.era.pageTableGfp.is), charged: true });
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
