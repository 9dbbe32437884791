import { choose, type KernelFunction, kernelFunction, load, type Op, op, set } from '@faultpath/engine';
import { __alloc_pages, kmem_cache_alloc } from '../alloc/allocate.ts';
import { lockEvent } from '../events.ts';
import { maybe_unlock_mmap_for_io } from '../fault/attempts.ts';
import { vmf_gfp_mask } from '../fault/gfp-mask.ts';
import { VM_FAULT } from '../fault/vm-fault.ts';
import { memalloc_nofs_restore, memalloc_nofs_save } from '../locks/memalloc.ts';
import { pageIdentity } from '../locks/page-lock.ts';
import { down_read, up_read } from '../locks/rwsem.ts';
import { HOLE_PAGE, HOLE_PAGE_LOCKED, type Machine, type PageSlot, type VmFault } from '../machine/types.ts';

/** The mask that a fault through the page cache reads ahead with. */
const readaheadMask = (env: Machine, { inode }: VmFault): number =>
  (inode.i_mapping.gfp_mask | env.masks.of('__GFP_NORETRY|__GFP_NOWARN|__GFP_COMP')) >>> 0;

/**
 * Puts a page into the tree. Its nodes are had without sleeping, or after an allocation with the page's mask.
 *
 * @kernel mm/filemap.c __filemap_add_folio v6.1
 * @locks whatever the caller holds; the page is locked on return
 * @omits the page's charge, whose gates are those of its allocation
 */
const __filemap_add_folio = kernelFunction('__filemap_add_folio', function* (env: Machine, mask: number) {
  if (!env.bounds.allocationFailure || (yield choose(2, 'no node without sleeping')) === 0) return 0;
  const own = (env.masks.only(mask, 'RECLAIM') | env.masks.of('__GFP_ACCOUNT')) >>> 0;
  yield* kmem_cache_alloc(env, { site: 'xas_nomem', mask: own, charged: true });
  return 0;
});

/**
 * Allocates pages and puts them into the tree, as many as are to be read. The result is 0 where there is none.
 *
 * @kernel mm/readahead.c page_cache_ra_unbounded v6.1
 * @locks invalidate_lock shared; the pages are locked on return
 * @omits their order; an allocation that fails and ends the readahead
 */
const addPages: KernelFunction<[Machine, VmFault, string, number], number> = kernelFunction(
  'page_cache_ra_unbounded',
  function* (env: Machine, vmf: VmFault, site: string, added: number) {
    if ((yield choose(2, 'another page is to be read')) === 0) return added;
    const mask = readaheadMask(env, vmf);
    yield* __alloc_pages(env, { site, mask, charged: false, mapping: vmf.inode.i_mapping.gfp_mask });
    yield* __filemap_add_folio(env, mask);
    return addPages(env, vmf, site, 1);
  },
);

/**
 * Reads pages ahead, in a scope of its own, under the lock that keeps truncate away. It is called with large pages or without,
 * which is one to whoever waits.
 *
 * @kernel mm/readahead.c page_cache_ra_order v6.1
 * @locks takes and releases invalidate_lock shared; mmap_lock was let go, if that is possible
 * @omits what decides how much is read; bio allocations, which do not sleep at first, and then wait for their reserve
 */
export const page_cache_ra_order = kernelFunction('page_cache_ra_order', function* (env: Machine, vmf: VmFault) {
  const { i_mapping, i_sb } = vmf.inode;
  const large = yield choose(2, 'large pages may be read');
  const site = large === 1 ? 'page_cache_ra_order' : 'page_cache_ra_unbounded';
  const saved = yield memalloc_nofs_save(env, site);
  yield down_read(i_mapping.invalidate_lock);
  const added = yield* addPages(env, vmf, site, 0);
  const { readahead } = i_sb.fs.a_ops ?? {};
  if (added === 1 && readahead !== undefined) yield* readahead(env, vmf);
  yield up_read(i_mapping.invalidate_lock);
  yield memalloc_nofs_restore(env, saved, site);
  return 0;
});

/**
 * Finds the page that readahead has brought, or makes it: with the fault's mask, in which the core has turned FS on.
 *
 * @kernel mm/filemap.c __filemap_get_folio v6.1
 * @locks invalidate_lock shared
 * @omits locking it, which leaves no record
 */
const foundOrMade = kernelFunction('__filemap_get_folio', function* (env: Machine, vmf: VmFault) {
  if ((yield choose(2, 'readahead has brought the page')) === 1) return 1;
  const mask = ((yield* vmf_gfp_mask(env)) | env.masks.of('__GFP_COMP')) >>> 0;
  const mapping = vmf.inode.i_mapping.gfp_mask;
  yield* __alloc_pages(env, { site: '__filemap_get_folio', mask, charged: false, mapping });
  yield* __filemap_add_folio(env, mask);
  return 0;
});

/** The page is there and locked, whatever it took: nobody else is in this model. */
function lockFound(slot: PageSlot): Op {
  return op(`lock_page ${slot.pageLock.name}`, [
    {
      when: [],
      does: [set(slot.entry, HOLE_PAGE_LOCKED)],
      result: 1,
      acquires: [{ object: slot.pageLock, mode: 'exclusive' }],
      event: lockEvent(pageIdentity(slot), 'acquired', 'exclusive'),
    },
  ]);
}

/**
 * A fault on a file in the page cache with what a recording shows of it: readahead, for which mmap_lock is let go, so that
 * the fault is made again when the page is there. The page's own lock leaves no record.
 *
 * @kernel mm/filemap.c filemap_fault v6.1
 * @locks mmap_lock shared, or the VMA's lock, on entry; released where it returns VM_FAULT_RETRY
 * @omits files that are read at random; truncate, which makes it look again; errors
 */
export const recorded_filemap_fault = kernelFunction('filemap_fault', function* (env: Machine, vmf: VmFault) {
  const { slot, inode } = vmf;
  const { invalidate_lock } = inode.i_mapping;
  const there = (yield load(slot.entry)) >= HOLE_PAGE;
  let gone = 0;
  if (there) {
    if (vmf.attempt !== 'tried' && (yield choose(2, 'the mark of readahead is reached')) === 1) {
      gone = yield* maybe_unlock_mmap_for_io(env, vmf);
      yield* page_cache_ra_order(env, vmf);
    }
    if ((yield choose(2, 'its data are here')) === 1) {
      // Whoever has it locked reads or writes it: that is waited for without mmap_lock.
      if (gone === 0 && (yield choose(2, 'it is locked')) === 1) gone = yield* maybe_unlock_mmap_for_io(env, vmf);
      if (gone === 1) return VM_FAULT.RETRY;
      yield lockFound(slot);
      return VM_FAULT.LOCKED;
    }
    yield down_read(invalidate_lock);
  } else {
    gone = yield* maybe_unlock_mmap_for_io(env, vmf);
    yield* page_cache_ra_order(env, vmf);
    yield down_read(invalidate_lock);
  }
  const ready = there ? 0 : yield* foundOrMade(env, vmf);
  if (ready === 0) {
    if (gone === 0) gone = yield* maybe_unlock_mmap_for_io(env, vmf);
    const { readahead } = inode.i_sb.fs.a_ops ?? {};
    if (readahead !== undefined) yield* readahead(env, vmf);
  }
  yield up_read(invalidate_lock);
  const major = there ? 0 : VM_FAULT.MAJOR;
  if (gone === 1) return major | VM_FAULT.RETRY;
  yield lockFound(slot);
  return major | VM_FAULT.LOCKED;
});
