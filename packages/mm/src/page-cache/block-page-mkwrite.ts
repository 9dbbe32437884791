import { choose, kernelFunction, store } from '@faultpath/engine';
import { kmem_cache_alloc } from '../alloc/allocate.ts';
import { VM_FAULT } from '../fault/vm-fault.ts';
import { lock_page } from '../locks/page-lock.ts';
import type { Machine, VmFault } from '../machine/types.ts';

/**
 * Gives a page that becomes writable its buffers and blocks, by the filesystem's `get_block`.
 *
 * @kernel fs/buffer.c block_page_mkwrite v6.1
 * @locks whatever the caller holds; returns with the page locked, or VM_FAULT_NOPAGE where it is gone
 * @omits the rest of the page beyond the end of file; waiting for stable pages
 */
export const block_page_mkwrite = kernelFunction('block_page_mkwrite', function* (env: Machine, vmf: VmFault) {
  const { slot, inode } = vmf;
  if ((yield lock_page(slot)) === 0) return VM_FAULT.NOPAGE;
  if (env.bounds.detail === undefined || (yield choose(2, 'the page has buffers')) === 0) {
    const mask = env.masks.of('GFP_NOFS|__GFP_NOFAIL|__GFP_ZERO|__GFP_ACCOUNT');
    yield* kmem_cache_alloc(env, { site: 'alloc_buffer_head', mask, charged: true });
  }
  const get_block = inode.i_sb.fs.a_ops?.get_block;
  if (get_block !== undefined) yield* get_block(env, vmf, 1);
  if (slot.dirty !== undefined) yield store(slot.dirty, 1);
  return VM_FAULT.LOCKED;
});
