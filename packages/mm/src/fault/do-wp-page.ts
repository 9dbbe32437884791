import { kernelFunction } from '@faultpath/engine';
import type { Machine, VmFault } from '../machine/types.ts';
import { faultCode } from './vm-fault.ts';

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
 * A write to a page that is mapped and not writable: the page table has all its levels, and nothing is allocated for it.
 *
 * @kernel mm/memory.c do_wp_page v6.1
 * @locks mmap_lock shared
 * @omits private mappings, whose page is copied; pages of the page cache; entries of 2 MiB
 */
export const do_wp_page = kernelFunction('do_wp_page', function* (env: Machine, vmf: VmFault) {
  return wp_pfn_shared(env, vmf);
});
