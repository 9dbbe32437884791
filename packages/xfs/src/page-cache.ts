import { choose, type KernelFunction, kernelFunction } from '@faultpath/engine';
import { iomap_page_mkwrite } from '@faultpath/iomap';
import {
  defineFilesystem,
  down_read,
  down_write,
  file_update_time,
  filemap_fault,
  IOMAP,
  kmem_cache_alloc,
  type Machine,
  sb_end_pagefault,
  sb_start_pagefault,
  up_read,
  up_write,
  type VmFault,
} from '@faultpath/mm';
import { xfs } from './adapter.ts';
import { xfs_iext_insert } from './alloc.ts';
import { fromV515 } from './era.ts';
import { xfs_filemap_map_pages } from './file.ts';
import { xfs_direct_write_iomap_begin, xfs_qm_dqattach, xfs_read_iomap_begin } from './iomap.ts';
import { xfsInode } from './mount.ts';

/**
 * Reserves space for a page that becomes writable, where it has no block: nothing is allocated before it is written.
 *
 * @kernel fs/xfs/xfs_iomap.c xfs_buffered_write_iomap_begin v6.1
 * @locks MMAPLOCK shared and the page, by the caller; takes and releases the ILOCK exclusively, or with a hint for the size
 * of extents what a direct write takes
 * @omits shared extents; retries after ENOSPC; extents that are not in memory
 */
export const xfs_buffered_write_iomap_begin = kernelFunction(
  'xfs_buffered_write_iomap_begin',
  function* (env: Machine, vmf: VmFault) {
    const { ILOCK } = xfsInode(vmf.inode);
    if ((yield choose(2, 'the file has a hint for the size of extents')) === 1)
      return xfs_direct_write_iomap_begin(env, vmf);
    yield* xfs_qm_dqattach(env, vmf.inode);
    yield down_write(ILOCK);
    const found = yield choose(2, 'the page has a block, or a reservation');
    if (found === 0) yield* xfs_iext_insert(env);
    yield up_write(ILOCK);
    return IOMAP.DELALLOC;
  },
);

/**
 * Makes what tells the blocks of a large page apart.
 *
 * @kernel fs/iomap/buffered-io.c iomap_page_create v6.1
 * @locks invalidate_lock shared, by the caller
 * @omits pages of one block, which need none
 */
const iomap_page_create: KernelFunction<[Machine], number> = kernelFunction(
  'iomap_page_create',
  function* (env: Machine) {
    if ((yield choose(2, 'another large page is to be read')) === 0) return 0;
    const mask = env.masks.of('GFP_NOFS|__GFP_NOFAIL|__GFP_ZERO');
    yield* kmem_cache_alloc(env, { site: 'iomap_page_create', mask, charged: false });
    return iomap_page_create(env);
  },
);

/**
 * Reads pages: looks their extents up, one after the other.
 *
 * @kernel fs/iomap/buffered-io.c iomap_readahead v6.1
 * @locks as xfs_read_iomap_begin
 * @omits the I/O
 */
export const iomap_readahead: KernelFunction<[Machine, VmFault], number> = kernelFunction(
  'iomap_readahead',
  function* (env: Machine, vmf: VmFault) {
    yield* xfs_read_iomap_begin(env, vmf);
    yield* iomap_page_create(env);
    if ((yield choose(2, 'another extent is to be read')) === 0) return 0;
    return iomap_readahead(env, vmf);
  },
);

/**
 * Makes a page of the page cache writable.
 *
 * @kernel fs/xfs/xfs_file.c __xfs_filemap_fault v6.1
 * @locks mmap_lock shared on entry. Takes sb_pagefaults shared, the timestamp's own transaction, the MMAPLOCK shared;
 * returns with the page locked and the others released
 * @omits remaps, during which it takes the MMAPLOCK exclusively
 */
export const xfs_page_mkwrite = kernelFunction('__xfs_filemap_fault', function* (env: Machine, vmf: VmFault) {
  const { i_sb, i_mapping } = vmf.inode;
  yield sb_start_pagefault(i_sb);
  yield* file_update_time(env, vmf.inode);
  yield down_read(i_mapping.invalidate_lock);
  const ret = yield* iomap_page_mkwrite(env, vmf);
  yield up_read(i_mapping.invalidate_lock);
  yield sb_end_pagefault(i_sb);
  return ret;
});

/** What the superblock's shrinker did up to v4.12 is in none of its eras. */
const { free_cached_objects: _, ...s_op } = xfs.s_op;

/** xfs without DAX: its pages are in the page cache, and their allocation is delayed. */
export const xfsPageCache = defineFilesystem({
  ...xfs,
  supports: { ...xfs.supports, eras: fromV515, dax: false, sync_faults: false, page_cache: true },
  vm_ops: { fault: filemap_fault, page_mkwrite: xfs_page_mkwrite, map_pages: xfs_filemap_map_pages },
  iomap_ops: { iomap_begin: xfs_buffered_write_iomap_begin },
  s_op,
  a_ops: { readahead: iomap_readahead },
});
