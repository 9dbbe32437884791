import { choose, kernelFunction } from '@faultpath/engine';
import { __getblk_slow, kmem_cache_alloc, type Machine } from '@faultpath/mm';

/** Three levels of indirect blocks, and the group's bitmap. */
const MOST_BLOCKS = 4;

/**
 * Allocates a block and the indirect blocks to it: a file that grows for the first time gets its reservation, and blocks of
 * metadata that are not in memory get buffers. All of it asks for memory without `__GFP_FS` under truncate_mutex, so that
 * only recordings are compared with it.
 *
 * @kernel fs/ext2/inode.c ext2_alloc_branch v6.1
 * @locks truncate_mutex is held by the caller
 * @omits waiting for the disk; quota
 */
export const ext2_alloc_branch = kernelFunction('ext2_alloc_branch', function* (env: Machine) {
  if ((yield choose(2, 'the file has no reservation yet')) === 1) {
    const mask = env.masks.of('GFP_NOFS');
    yield* kmem_cache_alloc(env, { site: 'ext2_init_block_alloc_info', mask, charged: false });
  }
  const missing = yield choose(MOST_BLOCKS + 1, 'blocks of metadata that are not in memory');
  for (let left = missing; left > 0; left--) yield* __getblk_slow(env);
  return 0;
});
