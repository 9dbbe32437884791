import { kernelFunction, store } from '@faultpath/engine';
import { lock_page, type Machine, VM_FAULT, type VmFault } from '@faultpath/mm';
import { iomap_iter, iomap_iter_end } from './iomap-iter.ts';

/**
 * Makes a page of the page cache writable: asks the filesystem for the extent with the page locked, and marks it dirty.
 *
 * @kernel fs/iomap/buffered-io.c iomap_page_mkwrite v6.1
 * @locks the filesystem's fault locks on entry and return; returns with the page locked, or VM_FAULT_NOPAGE where it is gone
 * @omits a page beyond the end of file; waiting for stable pages; more than one extent
 */
export const iomap_page_mkwrite = kernelFunction('iomap_page_mkwrite', function* (env: Machine, vmf: VmFault) {
  if ((yield lock_page(vmf.slot)) === 0) return VM_FAULT.NOPAGE;
  yield* iomap_iter(env, vmf);
  if (vmf.slot.dirty !== undefined) yield store(vmf.slot.dirty, 1);
  yield* iomap_iter_end(env, vmf, 1);
  return VM_FAULT.LOCKED;
});
