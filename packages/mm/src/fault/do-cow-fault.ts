import { choose, kernelFunction } from '@faultpath/engine';
import { __alloc_pages, kmem_cache_alloc } from '../alloc/allocate.ts';
import { type LockIdentity, toldLock } from '../events.ts';
import type { Machine, VmFault } from '../machine/types.ts';

/**
 * Gives the mapping what its copied pages are found by.
 *
 * @kernel mm/rmap.c __anon_vma_prepare v6.1
 * @locks mmap_lock shared; takes and releases the anon_vma's lock
 * @omits page_table_lock; another thread being faster
 */
const __anon_vma_prepare = kernelFunction('__anon_vma_prepare', function* (env: Machine, vmf: VmFault) {
  const request = { site: '__anon_vma_prepare', mask: env.masks.of('GFP_KERNEL'), charged: true };
  yield* kmem_cache_alloc(env, request);
  const shares = env.bounds.detail !== undefined && (yield choose(2, 'a neighbour has one to share')) === 1;
  if (!shares) yield* kmem_cache_alloc(env, request);
  if (env.bounds.detail === undefined) return 0;
  const lock: LockIdentity = { lock: 'anon_vma', instance: `${vmf.inode.name}.anon_vma`, kind: 'rwsem' };
  yield toldLock(lock, 'acquired', 'exclusive');
  yield toldLock(lock, 'release', 'exclusive');
  return 0;
});

/**
 * What a copy of a page needs before the filesystem is called: the page itself, and once a mapping what it is found by.
 *
 * @kernel mm/memory.c do_cow_fault v6.1
 * @locks mmap_lock shared
 * @omits charging the page apart from allocating it; failure
 */
export const prepareCopy = kernelFunction('do_cow_fault', function* (env: Machine, vmf: VmFault) {
  const again = vmf.attempt === 'tried';
  const prepared =
    again || (env.bounds.detail !== undefined && (yield choose(2, 'the mapping has copied pages')) === 1);
  if (!prepared) yield* __anon_vma_prepare(env, vmf);
  yield* __alloc_pages(env, { site: 'do_cow_fault', mask: env.masks.of(env.era.copiedPageGfp.is), charged: true });
  return 0;
});
