import { kernelFunction } from '@faultpath/engine';
import { __alloc_pages, kmem_cache_alloc } from '../alloc/allocate.ts';
import type { Machine } from '../machine/types.ts';

/**
 * Makes a buffer, and the page that it is in.
 *
 * @kernel fs/buffer.c __getblk_slow v6.1
 * @locks whatever the caller holds
 * @omits a page that is in memory already
 */
export const __getblk_slow = kernelFunction('__getblk_slow', function* (env: Machine) {
  const page = env.masks.of('GFP_NOFS|__GFP_NOFAIL|__GFP_COMP|__GFP_HARDWALL|__GFP_MOVABLE');
  yield* __alloc_pages(env, { site: '__filemap_get_folio', mask: page, charged: false });
  const head = env.masks.of('GFP_NOFS|__GFP_NOFAIL|__GFP_ZERO|__GFP_ACCOUNT');
  yield* kmem_cache_alloc(env, { site: 'alloc_buffer_head', mask: head, charged: true });
  return 0;
});
