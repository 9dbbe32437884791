import { kernelFunction, op, set, when } from '@faultpath/engine';
import { __get_locked_pte } from '../alloc/page-tables.ts';
import { lockEvent } from '../events.ts';
import { VM_FAULT, VM_FAULT_ERROR } from '../fault/vm-fault.ts';
import { lock_page, pageIdentity } from '../locks/page-lock.ts';
import { HOLE_PAGE, HOLE_PAGE_LOCKED, type Machine, type VmFault } from '../machine/types.ts';
import { file_update_time } from '../reclaim/inode.ts';

/** The fault has a page-table page before it calls the filesystem: by the era, or to map pages around. */
export function preallocates(env: Machine, { inode, write }: VmFault): boolean {
  const { supports, vm_ops } = inode.i_sb.fs;
  return env.era.preallocPte.is || (!write && supports.page_cache === true && vm_ops.map_pages !== undefined);
}

/**
 * Puts the page into the page table. Where no page-table page was made beforehand it is made here, with the page locked.
 *
 * @kernel mm/memory.c finish_fault v6.1
 * @locks mmap_lock shared, the page
 * @omits the entry's spinlock; an entry that is there already; huge pages
 */
export const finish_fault = kernelFunction('finish_fault', function* (env: Machine, vmf: VmFault) {
  yield* __get_locked_pte(env, vmf.pmd_none && !preallocates(env, vmf));
  return 0;
});

/**
 * Tells the filesystem that a page of the page cache becomes writable.
 *
 * @kernel mm/memory.c do_page_mkwrite v6.1
 * @locks mmap_lock shared; the page is not locked while the filesystem is called, and locked on return
 * @omits swap files
 */
export const do_page_mkwrite = kernelFunction('do_page_mkwrite', function* (env: Machine, vmf: VmFault) {
  const { page_mkwrite } = vmf.inode.i_sb.fs.vm_ops;
  if (page_mkwrite === undefined) return VM_FAULT.LOCKED;
  const ret = yield* page_mkwrite(env, vmf);
  if ((ret & (VM_FAULT_ERROR | VM_FAULT.NOPAGE | VM_FAULT.LOCKED)) !== 0) return ret;
  const locked = yield lock_page(vmf.slot);
  return locked === 1 ? VM_FAULT.LOCKED : VM_FAULT.NOPAGE;
});

/**
 * Marks the page dirty and unlocks it.
 *
 * @kernel mm/memory.c fault_dirty_shared_page v6.1
 * @locks mmap_lock shared, the page on entry; the page is released
 * @omits balance_dirty_pages, which waits for the flusher with only mmap_lock held, or nothing
 */
export const fault_dirty_shared_page = kernelFunction(
  'fault_dirty_shared_page',
  function* (env: Machine, vmf: VmFault) {
    const { slot, inode } = vmf;
    yield op(`${slot.pageLock.name} is dirty, unlock`, [
      {
        when: [when(slot.entry, '==', HOLE_PAGE_LOCKED)],
        does: [set(slot.entry, HOLE_PAGE), ...(slot.dirty === undefined ? [] : [set(slot.dirty, 1)])],
        result: 0,
        releases: [{ object: slot.pageLock, mode: 'exclusive' }],
        event: lockEvent(pageIdentity(slot), 'release', 'exclusive'),
      },
    ]);
    if (inode.i_sb.fs.vm_ops.page_mkwrite === undefined) yield* file_update_time(env, inode);
    return 0;
  },
);
