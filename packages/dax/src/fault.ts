import { type Call, type KernelFunction, kernelFunction } from '@faultpath/engine';
import { iomap_iter, iomap_iter_end } from '@faultpath/iomap';
import {
  __alloc_pages,
  __vm_insert_mixed,
  copiesPage,
  finish_fault,
  IOMAP,
  kmem_cache_alloc,
  type Machine,
  PMD_BLOCK,
  VM_FAULT,
  type VmFault,
  vmf_gfp_mask,
} from '@faultpath/mm';
import {
  dax_unlock_entry,
  FOUND,
  grab_mapping_entry,
  lockIfThere,
  replaceEntryByPage,
  replacePageByEntry,
  unlockHuge,
} from './entry.ts';
import { dax_insert_entry } from './insert-entry.ts';
import { dax_iomap_pmd_fault } from './pmd.ts';

/** What {@link grab_mapping_entry} gives for a locked page of the page cache, and for a huge entry over blocks. */
const PAGE = 2;
const HUGE = 3;

/**
 * Unlocks what the fault found: an entry of one page, or a huge one.
 *
 * @kernel fs/dax.c dax_unlock_entry v6.1
 * @locks releases the entry
 * @omits as dax_unlock_entry
 */
const unlockFound = kernelFunction('dax_unlock_entry', function* (env: Machine, vmf: VmFault, entry: number) {
  if (entry !== HUGE) return dax_unlock_entry(env, vmf.slot);
  yield unlockHuge(vmf.slot, PMD_BLOCK);
  return 0;
});

/**
 * Maps a hole for a read up to v4.12: a page of the page cache takes the entry's place. It is allocated with
 * `vmf->gfp_mask`, which is what the mails of December 2016 are about.
 *
 * @kernel fs/dax.c dax_load_hole v4.9
 * @locks the entry, or the page, is locked on entry; the page is locked on return
 * @omits failure
 */
export const dax_load_hole = kernelFunction('dax_load_hole', function* (env: Machine, vmf: VmFault, entry: number) {
  if (entry === PAGE) return VM_FAULT.LOCKED;
  const vg = yield* vmf_gfp_mask(env);
  const mask = (vg | env.masks.of('__GFP_ZERO')) >>> 0;
  const mapping = vmf.inode.i_mapping.gfp_mask;
  yield* __alloc_pages(env, { site: 'find_or_create_page', mask, charged: true, mapping });
  yield* kmem_cache_alloc(env, {
    site: '__radix_tree_preload',
    mask: env.masks.only(mask, 'RECLAIM'),
    charged: false,
    mapping,
  });
  yield replaceEntryByPage(vmf.slot);
  return VM_FAULT.LOCKED;
});

/**
 * Maps blocks up to v4.12. A hole page that a read left gives way to an entry first, for which the tree needs a node,
 * again with `vmf->gfp_mask`.
 *
 * @kernel fs/dax.c dax_insert_mapping v4.9
 * @locks the entry, or the page, is locked on entry; the entry on return
 * @omits unmapping the hole page: i_mmap_rwsem is wanted by nobody for long
 */
export const dax_insert_mapping = kernelFunction(
  'dax_insert_mapping',
  function* (env: Machine, vmf: VmFault, entry: number) {
    if (entry === PAGE) {
      const vg = yield* vmf_gfp_mask(env);
      const mask = env.masks.only(env.masks.without(vg, '__GFP_HIGHMEM'), 'RECLAIM');
      yield* kmem_cache_alloc(env, {
        site: '__radix_tree_preload',
        mask,
        charged: false,
        mapping: vmf.inode.i_mapping.gfp_mask,
      });
      yield replacePageByEntry(vmf.slot);
    }
    const ret = yield* __vm_insert_mixed(env, vmf);
    return ret;
  },
);

/**
 * Copies a page of the file, or zeroes where there is a hole, and maps the copy. The page-table page was made before the
 * filesystem was called.
 *
 * @kernel fs/dax.c dax_fault_cow_page v6.1
 * @locks the entry is locked on entry and on return
 * @omits copying, which waits for nobody
 */
const dax_fault_cow_page = kernelFunction('dax_fault_cow_page', function* (env: Machine, vmf: VmFault) {
  yield* finish_fault(env, vmf);
  return VM_FAULT.DONE_COW;
});

/**
 * Maps one page of an extent. A hole that is read gets the shared zero page, for which nothing is allocated but the
 * page-table page.
 *
 * @kernel fs/dax.c dax_fault_iter v6.1
 * @locks the entry is locked on entry and on return
 * @omits the value and tags of the entry
 */
export const dax_fault_iter = kernelFunction('dax_fault_iter', function* (env: Machine, vmf: VmFault, type: number) {
  if (copiesPage(vmf)) return dax_fault_cow_page(env, vmf);
  if (type === IOMAP.HOLE && vmf.write) return VM_FAULT.SIGBUS;
  yield* dax_insert_entry(env, vmf);
  if (vmf.sync && vmf.write) return VM_FAULT.NEEDDSYNC;
  const ret = yield* __vm_insert_mixed(env, vmf);
  return ret;
});

/** Which function maps one page of an extent in the era. */
function mapPage(env: Machine, vmf: VmFault, type: number, entry: number): Call<number> {
  if (env.era.holePage.is === 'zero-page') return dax_fault_iter(env, vmf, type);
  return type === IOMAP.HOLE ? dax_load_hole(env, vmf, entry) : dax_insert_mapping(env, vmf, entry);
}

/**
 * A DAX fault on one page: locks the entry, asks the filesystem for the extent, maps the page.
 *
 * @kernel fs/dax.c dax_iomap_pte_fault v6.1
 * @locks the filesystem's fault locks on entry and return; takes and releases the entry. A hole page (up to v4.12) is
 * returned locked
 * @omits the check against i_size; huge entries in the way
 */
export const dax_iomap_pte_fault = kernelFunction('dax_iomap_pte_fault', function* (env: Machine, vmf: VmFault) {
  if (!env.era.entryBeforeBegin.is) return dax_iomap_fault_begin_first(env, vmf);
  const entry = yield* grab_mapping_entry(env, vmf, false);
  const type = yield* iomap_iter(env, vmf);
  const ret = yield* mapPage(env, vmf, type, entry);
  yield* iomap_iter_end(env, vmf, 1);
  if (ret !== VM_FAULT.LOCKED) yield* unlockFound(env, vmf, entry);
  return ret;
});

/**
 * The order of v4.10: blocks first, then the entry.
 *
 * @kernel fs/dax.c dax_iomap_fault v4.10
 * @locks as dax_iomap_pte_fault
 * @omits as dax_iomap_pte_fault
 */
export const dax_iomap_fault_begin_first = kernelFunction('dax_iomap_fault', function* (env: Machine, vmf: VmFault) {
  const type = yield* iomap_iter(env, vmf);
  const entry = yield* grab_mapping_entry(env, vmf, false);
  const ret = yield* mapPage(env, vmf, type, entry);
  if (ret !== VM_FAULT.LOCKED) yield* unlockFound(env, vmf, entry);
  yield* iomap_iter_end(env, vmf, 1);
  return ret;
});

/**
 * A DAX fault of v4.9 on a filesystem that maps blocks by get_block: asked once for what is there, and for a write
 * into a hole once more, to allocate.
 *
 * @kernel fs/dax.c dax_fault v4.9
 * @locks as dax_iomap_pte_fault
 * @omits as dax_iomap_pte_fault; unwritten extents
 */
export const dax_fault = kernelFunction('dax_fault', function* (env: Machine, vmf: VmFault) {
  const { get_block } = vmf.inode.i_sb.fs.iomap_ops;
  if (get_block === undefined) return dax_iomap_pte_fault(env, vmf);
  const entry = yield* grab_mapping_entry(env, vmf, false);
  const type = yield* get_block(env, vmf, 0);
  if (type === IOMAP.HOLE) {
    if (!vmf.write) return dax_load_hole(env, vmf, entry);
    yield* get_block(env, vmf, 1);
  }
  const ret = yield* dax_insert_mapping(env, vmf, entry);
  yield* dax_unlock_entry(env, vmf.slot);
  return ret;
});

/**
 * A DAX fault of one page or of 2 MiB.
 *
 * @kernel fs/dax.c dax_iomap_fault v6.1
 * @locks as dax_iomap_pte_fault
 * @omits 1 GiB, which falls back
 */
export const dax_iomap_fault = kernelFunction('dax_iomap_fault', function* (env: Machine, vmf: VmFault) {
  if (vmf.size === 'pud') return VM_FAULT.FALLBACK;
  return vmf.size === 'pmd' ? dax_iomap_pmd_fault(env, vmf) : dax_iomap_pte_fault(env, vmf);
});

/**
 * The second half of a write fault on a MAP_SYNC mapping: makes the metadata durable, locks the entry again, maps the
 * page. The filesystem's transaction is closed by now, and with it its scope.
 *
 * @kernel fs/dax.c dax_finish_sync_fault v6.1
 * @locks the filesystem's fault locks on entry and return; takes and releases the entry
 * @omits the entry being over other blocks by now
 */
export const dax_finish_sync_fault = kernelFunction('dax_finish_sync_fault', function* (env: Machine, vmf: VmFault) {
  const { fsync } = vmf.inode.i_sb.fs.f_op;
  if (fsync !== undefined) yield* fsync(env, vmf.inode);
  const ret = yield* dax_insert_pfn_mkwrite(env, vmf);
  return ret;
});

/**
 * Maps the page of a MAP_SYNC fault.
 *
 * @kernel fs/dax.c dax_insert_pfn_mkwrite v6.1
 * @locks takes and releases the entry
 * @omits tags
 */
export const dax_insert_pfn_mkwrite = kernelFunction('dax_insert_pfn_mkwrite', function* (env: Machine, vmf: VmFault) {
  const found = yield* lock_present_entry(env, vmf);
  if (found !== FOUND.LOCKED && found !== FOUND.HUGE) return VM_FAULT.NOPAGE;
  // A huge fault maps its entry without a page-table page; over one page an entry of another size is no use.
  const same = (found === FOUND.HUGE) === (vmf.size === 'pmd');
  if (same && vmf.size === 'pte') yield* __vm_insert_mixed(env, vmf);
  yield* unlockFound(env, vmf, found === FOUND.HUGE ? HUGE : 1);
  return VM_FAULT.NOPAGE;
});

/**
 * Locks an entry that an earlier step made; where it has gone the fault is made again.
 *
 * @kernel fs/dax.c get_unlocked_entry v6.1
 * @locks returns with the entry locked where it says so
 * @omits as get_unlocked_entry
 */
export const lock_present_entry: KernelFunction<[Machine, VmFault], number> = kernelFunction(
  'get_unlocked_entry',
  function* (env: Machine, vmf: VmFault) {
    const found = yield lockIfThere(vmf.slot);
    return found === FOUND.AGAIN ? lock_present_entry(env, vmf) : found;
  },
);
