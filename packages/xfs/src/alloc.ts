import { choose, kernelFunction } from '@faultpath/engine';
import { __alloc_pages, kmem_cache_alloc, type Machine, type SuperBlock, type VmFault } from '@faultpath/mm';
import { buffer } from './cil.ts';

/** Levels of a free-space tree of one allocation group that are told apart; more need millions of free extents. */
const MOST_LEVELS = 3;

const NOFS = 'GFP_NOFS|__GFP_NOFAIL|__GFP_ZERO';

/**
 * Allocates a block: locks the headers of an allocation group and the way down both of its free-space trees, and reads
 * what of them is not in memory. All of it stands under the ILOCK in a transaction and asks for memory without
 * `__GFP_FS`, so that only recordings are compared with it. Gives the number of buffers that stay locked.
 *
 * @kernel fs/xfs/libxfs/xfs_bmap.c xfs_bmapi_write v6.1
 * @locks the ILOCK exclusively; returns with buffers locked
 * @omits filling the reserve list; other groups; the file's own tree, which few extents do not need
 */
export const xfs_bmapi_write = kernelFunction('xfs_bmapi_write', function* (env: Machine, vmf: VmFault) {
  const { i_sb } = vmf.inode;
  if ((yield choose(2, 'the block is there, unwritten')) === 1) {
    yield* xfs_iext_insert(env);
    return 0;
  }
  yield* xfs_trans_read_buf(env, i_sb);
  yield* xfs_alloc_fix_freelist(env, i_sb);
  if ((yield choose(2, 'one place is tried first, and is not free')) === 1) {
    yield* xfs_allocbt_init_cursor(env);
    const way = yield* descend(env, i_sb);
    for (let left = way; left > 0; left--) yield buffer(i_sb, 'release');
    yield* xfs_alloc_fix_freelist(env, i_sb);
  }
  yield* xfs_allocbt_init_cursor(env);
  const bySize = yield* descend(env, i_sb);
  yield* xfs_allocbt_init_cursor(env);
  yield* xfs_allocbt_init_cursor(env);
  const byPlace = yield* descend(env, i_sb);
  yield* xfs_iext_insert(env);
  return 1 + bySize + byPlace;
});

/**
 * Sees that the allocation group keeps blocks for its own trees.
 *
 * @kernel fs/xfs/libxfs/xfs_alloc.c xfs_alloc_fix_freelist v6.1
 * @locks the group's header is locked; locks the list of kept blocks, and gives it back
 * @omits keeping more, or fewer
 */
const xfs_alloc_fix_freelist = kernelFunction('xfs_alloc_fix_freelist', function* (env: Machine, sb: SuperBlock) {
  yield* xfs_trans_read_buf(env, sb);
  yield buffer(sb, 'release');
  return 0;
});

/** What {@link xfs_iext_insert} finds where the file has no extent yet; below it, the number of nodes that are full. */
const NO_ROOT = 3;

/**
 * Notes an extent in memory: the first one makes the root; a full node is split, and a full root gets one above it.
 *
 * @kernel fs/xfs/libxfs/xfs_iext_tree.c xfs_iext_insert v6.1
 * @locks as xfs_bmapi_write
 * @omits more than two levels
 */
export const xfs_iext_insert = kernelFunction('xfs_iext_insert', function* (env: Machine) {
  const full = yield choose(4, 'nodes that are full, or no extent yet');
  if (full === NO_ROOT) {
    const zeroed = env.masks.of('GFP_NOFS|__GFP_NOWARN|__GFP_ZERO');
    yield* kmem_cache_alloc(env, { site: 'kmem_alloc', mask: zeroed, charged: false });
    return 0;
  }
  const mask = env.masks.of('GFP_NOFS|__GFP_NOFAIL');
  for (let left = full; left > 0; left--) {
    yield* kmem_cache_alloc(env, { site: 'xfs_iext_insert', mask, charged: false });
  }
  return 0;
});

/**
 * Goes down a tree; gives its number of levels.
 *
 * @kernel fs/xfs/libxfs/xfs_btree.c xfs_btree_lookup v6.1
 * @locks every block on the way stays locked
 * @omits blocks beside it
 */
const descend = kernelFunction('xfs_btree_lookup', function* (env: Machine, sb: SuperBlock) {
  const levels = 1 + (yield choose(MOST_LEVELS, 'levels of the tree'));
  for (let level = 0; level < levels; level++) yield* xfs_trans_read_buf(env, sb);
  return levels;
});

/**
 * A cursor in a free-space tree.
 *
 * @kernel fs/xfs/libxfs/xfs_alloc_btree.c xfs_allocbt_init_cursor v6.1
 * @locks as xfs_bmapi_write
 * @omits nothing
 */
const xfs_allocbt_init_cursor = kernelFunction('xfs_allocbt_init_common', function* (env: Machine) {
  yield* kmem_cache_alloc(env, { site: 'xfs_allocbt_init_common', mask: env.masks.of(NOFS), charged: false });
  return 0;
});

/**
 * Reads a metadata buffer and joins it to the transaction.
 *
 * @kernel fs/xfs/xfs_trans_buf.c xfs_trans_read_buf_map v6.1
 * @locks returns with the buffer locked
 * @omits waiting for the disk
 */
const xfs_trans_read_buf = kernelFunction('xfs_trans_read_buf_map', function* (env: Machine, sb: SuperBlock) {
  const cached = yield choose(2, 'the buffer is in memory');
  if (cached === 0) yield* kmem_cache_alloc(env, { site: '_xfs_buf_alloc', mask: env.masks.of(NOFS), charged: false });
  yield buffer(sb, 'acquired');
  if (cached === 0) {
    const mask = env.masks.of('GFP_NOFS|__GFP_NOWARN');
    yield* __alloc_pages(env, { site: 'xfs_buf_alloc_pages', mask, charged: false });
  }
  // What was just read has no log item; what was in memory may have one from a transaction before.
  if (cached === 0 || (yield choose(2, 'the buffer has a log item')) === 0) {
    const mask = env.masks.of('GFP_KERNEL|__GFP_NOFAIL|__GFP_ZERO');
    yield* kmem_cache_alloc(env, { site: 'xfs_buf_item_init', mask, charged: false });
  }
  return 0;
});
