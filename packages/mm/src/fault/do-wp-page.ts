import { kernelFunction } from '@faultpath/engine';
import type { Machine, VmFault } from '../machine/types.ts';
import { do_page_mkwrite, fault_dirty_shared_page } from '../page-cache/finish-fault.ts';
import { vmf_can_call_fault } from './attempts.ts';
import { faultCode, VM_FAULT } from './vm-fault.ts';

/**
 * Tells the filesystem that a page frame of a DAX file becomes writable. Every DAX filesystem that is modelled gives the
 * handler of its faults for that, so that there is no second operation here.
 *
 * @kernel mm/memory.c wp_pfn_shared v6.1
 * @locks mmap_lock shared
 * @omits marking the entry writable where the handler has not done so
 */
const wp_pfn_shared = kernelFunction('wp_pfn_shared', function* (env: Machine, vmf: VmFault) {
  const { fault } = vmf.inode.i_sb.fs.vm_ops;
  const ret = yield* fault(env, vmf);
  return faultCode(ret, fault.functionName);
});

/**
 * Tells the filesystem that a page of the page cache becomes writable.
 *
 * @kernel mm/memory.c wp_page_shared v6.1
 * @locks mmap_lock shared; the page is locked between being made writable and being marked dirty
 * @omits a filesystem that does not want to be told
 */
const wp_page_shared = kernelFunction('wp_page_shared', function* (env: Machine, vmf: VmFault) {
  const ret = yield* do_page_mkwrite(env, vmf);
  if ((ret & VM_FAULT.LOCKED) !== 0) yield* fault_dirty_shared_page(env, vmf);
  return ret & ~VM_FAULT.LOCKED;
});

/**
 * A write to a page that is mapped and not writable: the page table has all its levels, and nothing is allocated for it.
 *
 * @kernel mm/memory.c do_wp_page v6.1
 * @locks mmap_lock shared
 * @omits private mappings, whose page is copied; entries of 2 MiB
 */
export const do_wp_page = kernelFunction('do_wp_page', function* (env: Machine, vmf: VmFault) {
  if (vmf.attempt === 'vma' && (yield* vmf_can_call_fault(env, vmf)) !== 0) return VM_FAULT.RETRY;
  if (vmf.inode.i_sb.fs.supports.page_cache === true) return wp_page_shared(env, vmf);
  return wp_pfn_shared(env, vmf);
});
