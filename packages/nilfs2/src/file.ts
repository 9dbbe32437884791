import { kernelFunction, load, op, set } from '@faultpath/engine';
import {
  block_page_mkwrite,
  file_update_time,
  kmem_cache_alloc,
  lock_page,
  type Machine,
  sb_end_pagefault,
  sb_start_pagefault,
  unlock_page,
  VM_FAULT,
  type VmFault,
} from '@faultpath/mm';
import { nilfs_transaction_begin, nilfs_transaction_commit } from './transaction.ts';

/**
 * Reads a page: its bio's mask is the mapping's, so FS is off.
 *
 * @kernel fs/nilfs2/inode.c nilfs_read_folio v6.1
 * @locks the page, which stays locked
 * @omits the block's translation, under semaphores that a reader takes shared and nobody holds while waiting; the I/O
 */
export const nilfs_read_folio = kernelFunction('nilfs_read_folio', function* (env: Machine, vmf: VmFault) {
  const { gfp_mask } = vmf.inode.i_mapping;
  yield* kmem_cache_alloc(env, {
    site: 'mpage_read_folio',
    mask: env.masks.only(gfp_mask, 'GFP_KERNEL'),
    charged: false,
    mapping: gfp_mask,
  });
  return 0;
});

/**
 * Finds the block of a page, and with `create` makes one.
 *
 * @kernel fs/nilfs2/inode.c nilfs_get_block v6.1
 * @locks ns_segctor_sem shared and the page, by the caller
 * @omits the bmap's semaphore and the DAT's, held for a moment inside; pages of the btree, allocated with GFP_NOFS
 */
export const nilfs_get_block = kernelFunction(
  'nilfs_get_block',
  function* (_env: Machine, vmf: VmFault, create: number) {
    const { mapped, owner } = vmf.slot;
    if (create === 0 || (yield load(mapped)) === 1) return 0;
    yield op(`allocate a block for ${owner}`, [{ when: [], does: [set(mapped, 1)], result: 0 }]);
    return 0;
  },
);

/**
 * Makes a page writable. Where it has no block yet a transaction is begun before the page is locked again.
 *
 * @kernel fs/nilfs2/file.c nilfs_page_mkwrite v6.1
 * @locks mmap_lock shared on entry. Takes sb_pagefaults shared, and where a block is needed sb_internal and
 * ns_segctor_sem shared; returns with the page locked and the others released
 * @omits a nearly full disk; buffers beyond the page's own; waiting for a stable page
 */
export const nilfs_page_mkwrite = kernelFunction('nilfs_page_mkwrite', function* (env: Machine, vmf: VmFault) {
  const { i_sb } = vmf.inode;
  yield sb_start_pagefault(i_sb);
  if ((yield lock_page(vmf.slot)) === 0) {
    yield sb_end_pagefault(i_sb);
    return VM_FAULT.NOPAGE;
  }
  if ((yield load(vmf.slot.mapped)) === 1) {
    yield sb_end_pagefault(i_sb);
    return VM_FAULT.LOCKED;
  }
  yield* unlock_page(env, vmf.slot);
  yield* nilfs_transaction_begin(env, i_sb);
  yield* file_update_time(env, vmf.inode);
  const ret = yield* block_page_mkwrite(env, vmf);
  yield* nilfs_transaction_commit(env, i_sb);
  yield sb_end_pagefault(i_sb);
  return ret;
});
