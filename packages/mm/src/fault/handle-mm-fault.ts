import { kernelFunction, note } from '@faultpath/engine';
import type { ModelEvent } from '../events.ts';
import { down_read, up_read } from '../locks/rwsem.ts';
import type { Machine, VmFault } from '../machine/types.ts';
import { do_user_addr_fault_with_attempts } from './attempts.ts';
import { do_fault } from './do-fault.ts';
import { do_wp_page } from './do-wp-page.ts';
import { __get_fault_gfp_mask } from './gfp-mask.ts';
import { VM_FAULT, vmFaultNames } from './vm-fault.ts';
import { create_huge_pmd, walkPageTable } from './walk.ts';

/**
 * Walks the page table to the entry, and handles the fault there.
 *
 * @kernel mm/memory.c __handle_mm_fault v6.1
 * @locks mmap_lock shared
 * @omits the upper levels of the page table, taken to be there; attempts with 1 GiB; anonymous memory and swap
 */
export const __handle_mm_fault = kernelFunction('__handle_mm_fault', function* (env: Machine, vmf: VmFault) {
  yield* __get_fault_gfp_mask(env, vmf);
  if (vmf.readOnly) return do_wp_page(env, vmf);
  if (vmf.walk !== undefined) return walkPageTable(env, vmf, vmf.walk);
  if (vmf.size === 'pmd') {
    const huge = yield* create_huge_pmd(env, vmf);
    if ((huge & VM_FAULT.FALLBACK) === 0) return huge;
  }
  const ret = yield* do_fault(env, vmf.fallback ?? vmf);
  return ret;
});

/**
 * Handles a fault in memory of a process.
 *
 * @kernel mm/memory.c handle_mm_fault v6.1
 * @locks mmap_lock shared
 * @omits accounting, memory-cgroup OOM
 */
export const handle_mm_fault = kernelFunction('handle_mm_fault', function* (env: Machine, vmf: VmFault) {
  const ret = yield* __handle_mm_fault(env, vmf);
  return ret;
});

/**
 * The fault's entry from user space.
 *
 * @kernel arch/x86/mm/fault.c do_user_addr_fault v6.1
 * @locks takes and releases mmap_lock shared; nothing is held on entry and exit
 * @omits bad addresses, signals; retries after VM_FAULT_RETRY and per-VMA locks, unless that detail is asked for
 */
export const do_user_addr_fault = kernelFunction('do_user_addr_fault', function* (env: Machine, vmf: VmFault) {
  const again = vmf.walk?.again;
  if (again !== undefined) return do_user_addr_fault_with_attempts(env, vmf, again);
  const enter: ModelEvent = { type: 'fault', action: 'enter', access: vmf.write ? 'write' : 'read' };
  yield note('page fault', enter);
  yield down_read(vmf.mmap_lock);
  const ret = yield* handle_mm_fault(env, vmf);
  yield up_read(vmf.mmap_lock);
  yield note('page fault done', { ...enter, action: 'exit', ret: vmFaultNames(ret) });
  return ret;
});
