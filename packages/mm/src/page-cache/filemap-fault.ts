import { type KernelFunction, kernelFunction, load, type Op, op, set, when } from '@faultpath/engine';
import { __alloc_pages } from '../alloc/allocate.ts';
import { lockEvent } from '../events.ts';
import { vmf_gfp_mask } from '../fault/gfp-mask.ts';
import { VM_FAULT } from '../fault/vm-fault.ts';
import { lock_page, pageIdentity } from '../locks/page-lock.ts';
import { down_read, up_read } from '../locks/rwsem.ts';
import {
  ENTRY_ABSENT,
  HOLE_PAGE,
  HOLE_PAGE_LOCKED,
  type Machine,
  type PageSlot,
  type VmFault,
} from '../machine/types.ts';
import { recorded_filemap_fault } from './recorded-fault.ts';

/** Puts a new page into the tree, locked: result 1, or 0 where another fault was faster. */
function add_to_page_cache_lru(slot: PageSlot): Op {
  return op(`add a page to ${slot.owner}`, [
    {
      when: [when(slot.entry, '==', ENTRY_ABSENT)],
      does: [set(slot.entry, HOLE_PAGE_LOCKED)],
      result: 1,
      acquires: [{ object: slot.pageLock, mode: 'exclusive' }],
      // Nobody else can have locked a page that was not there: this never waits.
      event: lockEvent(pageIdentity(slot), 'acquired', 'exclusive', true),
    },
    { when: [when(slot.entry, '>=', HOLE_PAGE)], does: [], result: 0 },
  ]);
}

/**
 * Makes the page of a fault and reads it. Its mask is the fault's, in which the core has turned FS on, whatever the
 * mapping says.
 *
 * @kernel mm/filemap.c __filemap_get_folio v6.1
 * @locks mmap_lock shared, from v5.15 on invalidate_lock shared; returns with the page locked, or 0 where it is gone
 * @omits the page's charge, whose gates are the same; nodes of the tree, allocated with the same mask; readahead, which
 * runs in a NOFS scope; that the page is unlocked between being added and being read
 */
export const __filemap_get_folio = kernelFunction('__filemap_get_folio', function* (env: Machine, vmf: VmFault) {
  const { i_mapping, i_sb } = vmf.inode;
  const mask = yield* vmf_gfp_mask(env);
  yield* __alloc_pages(env, { site: '__filemap_get_folio', mask, charged: false, mapping: i_mapping.gfp_mask });
  if ((yield add_to_page_cache_lru(vmf.slot)) === 0) {
    const locked = yield lock_page(vmf.slot);
    return locked;
  }
  const read_folio = i_sb.fs.a_ops?.read_folio;
  if (read_folio !== undefined) yield* read_folio(env, vmf);
  return 1;
});

/**
 * A fault on a file in the page cache. A page that is not there is made under the lock that keeps truncate away, from
 * the era on in which that is the mapping's; before, the filesystem takes its own around the whole of this, or none.
 *
 * @kernel mm/filemap.c filemap_fault v6.1
 * @locks mmap_lock shared on entry; returns with the page locked, invalidate_lock released
 * @omits dropping mmap_lock while waiting, and the retry after that; readahead; a size that shrank. Recordings are
 * compared with {@link recorded_filemap_fault}
 */
export const filemap_fault: KernelFunction<[Machine, VmFault], number> = kernelFunction(
  'filemap_fault',
  function* (env: Machine, vmf: VmFault) {
    if (env.bounds.detail !== undefined) return recorded_filemap_fault(env, vmf);
    const { slot } = vmf;
    const { invalidate_lock } = vmf.inode.i_mapping;
    if ((yield load(slot.entry)) >= HOLE_PAGE) {
      if ((yield lock_page(slot)) === 1) return VM_FAULT.LOCKED;
      return filemap_fault(env, vmf);
    }
    if (env.era.invalidateLock.is) yield down_read(invalidate_lock);
    const locked = yield* __filemap_get_folio(env, vmf);
    if (env.era.invalidateLock.is) yield up_read(invalidate_lock);
    if (locked === 0) return filemap_fault(env, vmf);
    return VM_FAULT.MAJOR | VM_FAULT.LOCKED;
  },
);

/**
 * Maps pages that are in the page cache around a fault. It tries every lock and waits for none.
 *
 * @kernel mm/filemap.c filemap_map_pages v6.1
 * @locks whatever the fault holds
 * @omits the pages
 */
export const filemap_map_pages = kernelFunction('filemap_map_pages', function* (_env: Machine, _vmf: VmFault) {
  return 0;
});
