import {
  type Alternative,
  add,
  choose,
  type KernelFunction,
  kernelFunction,
  type Op,
  op,
  set,
  when,
} from '@faultpath/engine';
import { iomap_iter, iomap_iter_end } from '@faultpath/iomap';
import {
  __alloc_pages,
  buildPmdMask,
  copiesPage,
  ENTRY_ABSENT,
  ENTRY_LOCKED,
  ENTRY_PRESENT,
  IOMAP,
  kmem_cache_alloc,
  lockEvent,
  type Machine,
  type PageSlot,
  PMD_BLOCK,
  PMD_HOLE,
  PMD_LOCKED,
  VM_FAULT,
  type VmFault,
} from '@faultpath/mm';
import { entryIdentity, FOUND, pageFound, treeNode, unlockHuge } from './entry.ts';
import { dax_insert_entry } from './insert-entry.ts';

/**
 * Looks a huge entry up and locks it, or sleeps while somebody has one locked. Whatever is smaller is in the way; a
 * locked one is waited for only where the tree is a radix tree.
 */
function lookUpHuge(env: Machine, slot: PageSlot, haveNode: boolean): Op {
  const { entry, entryLock, entryQueue } = slot;
  const hold = { object: entryLock, mode: 'exclusive' };
  const locked = {
    does: [set(entry, PMD_LOCKED)],
    acquires: [hold],
    event: lockEvent(entryIdentity(slot), 'acquired', 'exclusive'),
  };
  const preload = env.era.treeNodes.is === 'preload';
  const sleep = op(
    `sleep on ${entryLock.name}`,
    [{ when: [when(entryQueue.woken, '>=', 1)], does: [add(entryQueue.woken, -1)], result: FOUND.AGAIN }],
    hold,
  );
  const asleep = { does: [add(entryQueue.sleeping, 1)], result: FOUND.AGAIN, next: sleep };
  const alternatives: Alternative[] = [
    { when: [when(entry, '==', PMD_BLOCK)], ...locked, result: FOUND.HUGE },
    { when: [when(entry, '==', PMD_HOLE)], ...locked, result: FOUND.LOCKED },
    { when: [when(entry, '==', PMD_LOCKED)], ...asleep },
    ...(preload
      ? [{ when: [when(entry, '==', ENTRY_LOCKED)], ...asleep }]
      : [{ when: [when(entry, '==', ENTRY_LOCKED)], does: [], result: FOUND.CONFLICT }]),
    // Whoever was woken for an entry that is of no use wakes the next sleeper.
    ...[0, 1].map((count) => ({
      when: [when(entry, '==', ENTRY_PRESENT), when(entryQueue.sleeping, count === 1 ? '>=' : '==', count)],
      does: count === 0 ? [] : [add(entryQueue.sleeping, -1), add(entryQueue.woken, 1)],
      result: FOUND.CONFLICT,
    })),
  ];
  if (slot.holePages) alternatives.push(...pageFound(slot).map((found) => ({ ...found, result: FOUND.CONFLICT })));
  const absent = when(entry, '==', ENTRY_ABSENT);
  if (haveNode || !preload) alternatives.push({ when: [absent], ...locked, result: FOUND.LOCKED });
  if (!haveNode && (preload || env.bounds.allocationFailure)) {
    alternatives.push({ when: [absent], does: [], result: FOUND.NO_NODE });
  }
  return op(`lock huge ${entryLock.name}`, alternatives, hold);
}

/**
 * Finds or makes a huge entry and locks it. Gives one of `FOUND`: LOCKED where there are no blocks yet, HUGE where there
 * are, CONFLICT where smaller entries are in the way.
 *
 * @kernel fs/dax.c grab_mapping_entry v6.1
 * @locks returns with the entry locked, except for a conflict
 * @omits errors
 */
export const grab_huge_entry: KernelFunction<[Machine, VmFault, boolean], number> = kernelFunction(
  'grab_mapping_entry',
  function* (env: Machine, vmf: VmFault, haveNode: boolean) {
    const found = yield lookUpHuge(env, vmf.slot, haveNode);
    if (found === FOUND.AGAIN) return grab_huge_entry(env, vmf, haveNode);
    if (found !== FOUND.NO_NODE) return found;
    yield* kmem_cache_alloc(env, treeNode(env, vmf));
    return grab_huge_entry(env, vmf, true);
  },
);

/**
 * Maps a hole of 2 MiB for a read: the huge zero page, allocated where nobody has needed it before. No mapping mask and
 * no `vmf->gfp_mask` governs it, only the task's scopes.
 *
 * @kernel fs/dax.c dax_pmd_load_hole v6.1
 * @locks the entry is locked on entry and on return
 * @omits a page table deposited beside it, which x86 does not need; failure, which is the choice to fall back
 */
export const dax_pmd_load_hole = kernelFunction('dax_pmd_load_hole', function* (env: Machine) {
  const mask = env.masks.without(env.masks.of('GFP_TRANSHUGE|__GFP_ZERO'), '__GFP_MOVABLE');
  yield* __alloc_pages(env, { site: 'mm_get_huge_zero_page', mask, charged: false });
  return VM_FAULT.NOPAGE;
});

/**
 * Maps 2 MiB, or gives up: the extent may be shorter, or its memory not aligned.
 *
 * @kernel fs/dax.c dax_fault_iter v6.1
 * @locks the entry is locked on entry and on return
 * @omits why it gives up, which is one choice; the value and tags of the entry
 */
const mapHuge = kernelFunction('dax_fault_iter', function* (env: Machine, vmf: VmFault, type: number) {
  const fits = yield choose(2, 'the extent covers 2 MiB');
  if (fits === 0) return VM_FAULT.FALLBACK;
  if (type === IOMAP.HOLE) return vmf.write ? VM_FAULT.FALLBACK : dax_pmd_load_hole(env);
  yield* dax_insert_entry(env, vmf);
  return vmf.sync && vmf.write ? VM_FAULT.NEEDDSYNC : VM_FAULT.NOPAGE;
});

/** Unlocks the entry: over blocks if there were some, or if they are mapped now. */
function unlockAfter(slot: PageSlot, found: number, type: number, ret: number): Op {
  const blocks = found === FOUND.HUGE || (ret !== VM_FAULT.FALLBACK && type !== IOMAP.HOLE);
  return unlockHuge(slot, blocks ? PMD_BLOCK : PMD_HOLE);
}

/**
 * A DAX fault of 2 MiB. It gives up, and a fault of one page follows, where the address or the mapping does not allow
 * one, where smaller entries are in the way, and where the extent is too short.
 *
 * @kernel fs/dax.c dax_iomap_pmd_fault v6.1
 * @locks the filesystem's fault locks on entry and return; takes and releases the entry
 * @omits the check against i_size; why it gives up beforehand is one choice; a page table that is there already
 */
export const dax_iomap_pmd_fault = kernelFunction('dax_iomap_pmd_fault', function* (env: Machine, vmf: VmFault) {
  if (copiesPage(vmf)) return VM_FAULT.FALLBACK;
  const possible = yield choose(2, 'the address and the mapping allow 2 MiB');
  if (possible === 0) return VM_FAULT.FALLBACK;
  yield* buildPmdMask(env, vmf);
  if (!env.era.entryBeforeBegin.is) return pmdFaultBeginFirst(env, vmf);
  const found = yield* grab_huge_entry(env, vmf, false);
  if (found === FOUND.CONFLICT) return VM_FAULT.FALLBACK;
  const type = yield* iomap_iter(env, vmf);
  const ret = yield* mapHuge(env, vmf, type);
  yield* iomap_iter_end(env, vmf, 1);
  yield unlockAfter(vmf.slot, found, type, ret);
  return ret;
});

/**
 * The order of v4.10: blocks first, then the entry.
 *
 * @kernel fs/dax.c dax_iomap_pmd_fault v4.10
 * @locks as dax_iomap_pmd_fault
 * @omits as dax_iomap_pmd_fault
 */
const pmdFaultBeginFirst = kernelFunction('dax_iomap_pmd_fault', function* (env: Machine, vmf: VmFault) {
  const type = yield* iomap_iter(env, vmf);
  const found = yield* grab_huge_entry(env, vmf, false);
  if (found === FOUND.CONFLICT) {
    yield* iomap_iter_end(env, vmf, 0);
    return VM_FAULT.FALLBACK;
  }
  const ret = yield* mapHuge(env, vmf, type);
  yield unlockAfter(vmf.slot, found, type, ret);
  yield* iomap_iter_end(env, vmf, 1);
  return ret;
});
