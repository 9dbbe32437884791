import { kernelFunction } from '@faultpath/engine';
import { __get_locked_pte } from '../alloc/page-tables.ts';
import type { Machine, VmFault } from '../machine/types.ts';
import { VM_FAULT } from './vm-fault.ts';

/**
 * Puts a page frame without a struct page user count into the page table. It takes its own way to the entry: a
 * page-table page preallocated by the fault stays unused.
 *
 * @kernel mm/memory.c insert_pfn v6.1
 * @locks whatever the fault holds: for DAX the entry lock too
 * @omits the entry's spinlock; an entry that is there already
 */
export const insert_pfn = kernelFunction('insert_pfn', function* (env: Machine, vmf: VmFault) {
  const prealloc = env.era.preallocPte.is && env.changes.includes('use-preallocated-pte');
  yield* __get_locked_pte(env, vmf.pmd_none && !prealloc);
  return VM_FAULT.NOPAGE;
});

/**
 * Maps a page frame for a fault.
 *
 * @kernel mm/memory.c __vm_insert_mixed v6.1
 * @locks as insert_pfn
 * @omits failure
 */
export const __vm_insert_mixed = kernelFunction('__vm_insert_mixed', function* (env: Machine, vmf: VmFault) {
  const ret = yield* insert_pfn(env, vmf);
  return ret;
});
