import { choose, kernelFunction } from '@faultpath/engine';
import { __p4d_alloc, __pmd_alloc, __pud_alloc } from '../alloc/page-tables.ts';
import type { FaultWalk, Machine, VmFault } from '../machine/types.ts';
import { TABLE_PRESENT } from './attempts.ts';
import { do_fault } from './do-fault.ts';
import { VM_FAULT } from './vm-fault.ts';

/**
 * Tries to map 2 MiB at once.
 *
 * @kernel mm/memory.c create_huge_pmd v6.1
 * @locks mmap_lock shared
 * @omits anonymous memory
 */
export const create_huge_pmd = kernelFunction('create_huge_pmd', function* (env: Machine, vmf: VmFault) {
  const { huge_fault } = vmf.inode.i_sb.fs.vm_ops;
  if (huge_fault === undefined) return VM_FAULT.FALLBACK;
  const ret = yield* huge_fault(env, vmf);
  return ret;
});

/**
 * Tries to map 1 GiB at once.
 *
 * @kernel mm/memory.c create_huge_pud v6.1
 * @locks mmap_lock shared
 * @omits anonymous memory
 */
export const create_huge_pud = kernelFunction('create_huge_pud', function* (env: Machine, vmf: VmFault) {
  return create_huge_pmd(env, vmf);
});

/**
 * The way down the page table with all its levels, for comparison with recordings. How many of the lower levels are
 * missing is one choice, and whether the mapping may have huge pages another: both hold for the whole fault. A level that
 * was just made is empty, so that a huge page is tried in it.
 *
 * @kernel mm/memory.c __handle_mm_fault v6.1
 * @locks mmap_lock shared
 * @omits anonymous memory and swap; levels that the configuration folds are never missing
 */
export const walkPageTable = kernelFunction(
  '__handle_mm_fault',
  function* (env: Machine, vmf: VmFault, { pud, pmd, missing, present, table }: FaultWalk) {
    const levels =
      table === undefined ? yield choose(5, 'levels of the page table that are missing') : table === 'missing' ? 1 : 0;
    if (levels === 0) {
      const ret = yield* do_fault(env, present);
      return (ret & VM_FAULT.RETRY) === 0 ? ret : ret | TABLE_PRESENT;
    }
    const eligible = vmf.inode.i_sb.fs.vm_ops.huge_fault !== undefined;
    const huge = eligible && (yield choose(2, 'the mapping may have huge pages')) === 1;
    if (levels === 4) yield* __p4d_alloc(env);
    if (levels >= 3) yield* __pud_alloc(env);
    if (levels >= 2) {
      if (huge) {
        const ret = yield* create_huge_pud(env, pud);
        if ((ret & VM_FAULT.FALLBACK) === 0) return ret;
      }
      yield* __pmd_alloc(env);
    }
    if (huge) {
      const ret = yield* create_huge_pmd(env, pmd);
      if ((ret & VM_FAULT.FALLBACK) === 0) return ret;
    }
    return do_fault(env, missing);
  },
);
