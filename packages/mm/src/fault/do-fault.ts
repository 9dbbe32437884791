import { choose, kernelFunction } from '@faultpath/engine';
import { pte_alloc_one } from '../alloc/page-tables.ts';
import { unlock_page } from '../locks/page-lock.ts';
import type { Machine, VmFault } from '../machine/types.ts';
import { do_page_mkwrite, fault_dirty_shared_page, finish_fault, preallocates } from '../page-cache/finish-fault.ts';
import { vmf_can_call_fault } from './attempts.ts';
import { prepareCopy } from './do-cow-fault.ts';
import { copiesPage, faultCode, VM_FAULT, VM_FAULT_ERROR, writesFile } from './vm-fault.ts';

/**
 * Calls the filesystem. From the era that preallocates on, the page-table page allocated here cannot be used by a DAX
 * fault, which finds its own way to the entry.
 *
 * @kernel mm/memory.c __do_fault v6.1
 * @locks mmap_lock shared; a returned page is locked
 * @omits poisoned pages; freeing the unused page-table page; that mapping pages around comes first, and may be enough
 */
export const __do_fault = kernelFunction('__do_fault', function* (env: Machine, vmf: VmFault) {
  if (preallocates(env, vmf) && vmf.pmd_none && !aroundFirst(env, vmf)) yield* pte_alloc_one(env);
  const { fault } = vmf.inode.i_sb.fs.vm_ops;
  const ret = yield* fault(env, vmf);
  return faultCode(ret, fault.functionName);
});

/** Does the fault map pages around it first, and preallocate for that? Only in the detail that recordings show. */
function aroundFirst(env: Machine, vmf: VmFault): boolean {
  return env.bounds.detail !== undefined && !vmf.write && vmf.inode.i_sb.fs.vm_ops.map_pages !== undefined;
}

/**
 * Maps what is in memory around the page, and with it perhaps the page. DAX files have nothing there, but the filesystem
 * may take a lock to look. The result is VM_FAULT_NOPAGE where the page is mapped by that.
 *
 * @kernel mm/memory.c do_fault_around v6.1
 * @locks mmap_lock shared
 * @omits the other pages
 */
export const do_fault_around = kernelFunction('do_fault_around', function* (env: Machine, vmf: VmFault) {
  const { map_pages } = vmf.inode.i_sb.fs.vm_ops;
  if (vmf.pmd_none) yield* pte_alloc_one(env);
  if (map_pages !== undefined) yield* map_pages(env, vmf);
  const cached = vmf.inode.i_sb.fs.supports.page_cache === true;
  return cached && (yield choose(2, 'the page is mapped with those around')) === 1 ? VM_FAULT.NOPAGE : 0;
});

/**
 * A fault on a page of a file that is not mapped: a read, a write to a shared mapping, or one to a private mapping, for
 * which the filesystem only reads.
 *
 * @kernel mm/memory.c do_fault v6.1
 * @locks mmap_lock shared
 * @omits fault-around, unless that detail is asked for: it allocates what comes next anyway; copying, which waits for
 * nobody
 */
export const do_fault = kernelFunction('do_fault', function* (env: Machine, vmf: VmFault) {
  if (aroundFirst(env, vmf) && (yield* do_fault_around(env, vmf)) !== 0) return VM_FAULT.NOPAGE;
  if (vmf.attempt === 'vma' && (yield* vmf_can_call_fault(env, vmf)) !== 0) return VM_FAULT.RETRY;
  if (copiesPage(vmf)) yield* prepareCopy(env, vmf);
  const ret = yield* __do_fault(env, vmf);
  if ((ret & VM_FAULT.DONE_COW) !== 0) return ret;
  if ((ret & VM_FAULT_ERROR) !== 0 || (ret & VM_FAULT.NOPAGE) !== 0) return ret;
  if ((ret & VM_FAULT.LOCKED) === 0) return ret;
  const write = writesFile(vmf);
  if (write) {
    if (vmf.inode.i_sb.fs.vm_ops.page_mkwrite !== undefined) yield* unlock_page(env, vmf.slot);
    const mkwrite = yield* do_page_mkwrite(env, vmf);
    if ((mkwrite & VM_FAULT.LOCKED) === 0) return mkwrite;
  }
  // The page is locked while the page table gets its page, unless one was preallocated.
  yield* finish_fault(env, vmf);
  if (write) yield* fault_dirty_shared_page(env, vmf);
  else yield* unlock_page(env, vmf.slot);
  // The kernel leaves the bit in what the fault returns, where nobody looks at it: the page is not locked any more.
  return ret & ~VM_FAULT.LOCKED;
});
