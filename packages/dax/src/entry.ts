import { type Alternative, add, type KernelFunction, kernelFunction, type Op, op, set, when } from '@faultpath/engine';
import {
  ENTRY_ABSENT,
  ENTRY_LOCKED,
  ENTRY_PRESENT,
  HOLE_PAGE,
  HOLE_PAGE_LOCKED,
  kmem_cache_alloc,
  type LockIdentity,
  lock_page,
  lockEvent,
  type Machine,
  type ModelEvent,
  type PageSlot,
  PMD_BLOCK,
  PMD_HOLE,
  PMD_LOCKED,
  pageIdentity,
  type Request,
  type VmFault,
} from '@faultpath/mm';

/** What looking for an entry came to. */
export const FOUND = Object.freeze({
  /** Woken: look again. */
  AGAIN: 0,
  /** The entry that was there is locked by us. */
  LOCKED: 1,
  /** There was none; a locked empty one is there now. */
  INSERTED: 2,
  /** There is none, and the tree needs a node first. */
  NO_NODE: 3,
  /** A page of the page cache stands for the hole. */
  PAGE: 4,
  /** A huge entry over blocks, locked by us. */
  HUGE: 5,
  /** A huge entry without blocks, locked by us: it has to go before an entry of one page can be there. */
  DOWNGRADE: 6,
  /** A smaller entry is in the way of a huge one. */
  CONFLICT: 7,
});

/** What an entry lock is to the rules. */
export function entryIdentity(slot: PageSlot): LockIdentity {
  return {
    lock: 'dax_entry',
    instance: slot.entryLock.name,
    kind: 'dax-entry',
    owner: { object: slot.owner, referenced: true },
  };
}

/**
 * Looks the entry up and locks it, or queues and sleeps while somebody else has it locked. One step, as both happen
 * under the lock of the tree. Sleepers are woken one at a time and look again.
 */
function lookUpAndLock(env: Machine, slot: PageSlot, haveNode: boolean): Op {
  const hold = { object: slot.entryLock, mode: 'exclusive' };
  const event = lockEvent(entryIdentity(slot), 'acquired', 'exclusive');
  const locked = { does: [set(slot.entry, ENTRY_LOCKED)], acquires: [hold], event };
  const absent = when(slot.entry, '==', ENTRY_ABSENT);
  const preload = env.era.treeNodes.is === 'preload';
  const sleep = op(
    `sleep on ${slot.entryLock.name}`,
    [{ when: [when(slot.entryQueue.woken, '>=', 1)], does: [add(slot.entryQueue.woken, -1)], result: FOUND.AGAIN }],
    hold,
  );
  const alternatives: Alternative[] = [
    { when: [when(slot.entry, '==', ENTRY_PRESENT)], ...locked, result: FOUND.LOCKED },
    {
      when: [when(slot.entry, '==', ENTRY_LOCKED)],
      does: [add(slot.entryQueue.sleeping, 1)],
      result: FOUND.AGAIN,
      next: sleep,
    },
  ];
  if (haveNode || !preload) alternatives.push({ when: [absent], ...locked, result: FOUND.INSERTED });
  if (!haveNode && (preload || env.bounds.allocationFailure)) {
    alternatives.push({ when: [absent], does: [], result: FOUND.NO_NODE });
  }
  if (slot.holePages) alternatives.push(...pageFound(slot));
  if (slot.hugeEntries) {
    alternatives.push(
      {
        when: [when(slot.entry, '==', PMD_LOCKED)],
        does: [add(slot.entryQueue.sleeping, 1)],
        result: FOUND.AGAIN,
        next: sleep,
      },
      { ...locked, when: [when(slot.entry, '==', PMD_BLOCK)], does: [set(slot.entry, PMD_LOCKED)], result: FOUND.HUGE },
      ...(preload
        ? [
            {
              ...locked,
              when: [when(slot.entry, '==', PMD_HOLE)],
              does: [set(slot.entry, PMD_LOCKED)],
              result: FOUND.DOWNGRADE,
            },
          ]
        : wakeCounts(slot, 'all').map(({ when: counted, does }) => ({
            ...locked,
            when: [when(slot.entry, '==', PMD_HOLE), ...counted],
            does: [...locked.does, ...does],
            result: FOUND.INSERTED,
          }))),
    );
  }
  return op(`lock ${slot.entryLock.name}`, alternatives, hold);
}

/** What a fault on one page does where a page of the page cache stands for a hole. */
export function pageFound({ entry }: PageSlot): readonly Alternative[] {
  return [HOLE_PAGE, HOLE_PAGE_LOCKED].map((value) => ({
    when: [when(entry, '==', value)],
    does: [],
    result: FOUND.PAGE,
  }));
}

/**
 * Waits until the entry is not locked. It is locked in the same hold of the tree's lock, hence in this step.
 *
 * @kernel fs/dax.c get_unlocked_entry v6.1
 * @locks returns with the entry locked where it says so
 * @omits the order of the sleepers, which is open here and first come, first served in the kernel
 */
export const get_unlocked_entry: KernelFunction<[Machine, PageSlot, boolean], number> = kernelFunction(
  'get_unlocked_entry',
  function* (env: Machine, slot: PageSlot, haveNode: boolean) {
    const found = yield lookUpAndLock(env, slot, haveNode);
    return found === FOUND.AGAIN ? get_unlocked_entry(env, slot, haveNode) : found;
  },
);

/**
 * Finds or makes the entry of a page and locks it. Where the tree needs a node, the mapping's own mask is used; no
 * entry is locked then, unless it is a huge one that gives way. Gives 1, 2 where it is a locked page of the page cache
 * that stands for a hole, 3 where it is a huge entry over blocks.
 *
 * @kernel fs/dax.c grab_mapping_entry v6.1
 * @locks returns with the entry, or the page, locked
 * @omits unmapping the huge zero page, which waits for nothing modelled; errors
 */
export const grab_mapping_entry: KernelFunction<[Machine, VmFault, boolean], number> = kernelFunction(
  'grab_mapping_entry',
  function* (env: Machine, vmf: VmFault, haveNode: boolean) {
    const { slot } = vmf;
    const found = yield* get_unlocked_entry(env, slot, haveNode);
    if (found === FOUND.NO_NODE) {
      yield* kmem_cache_alloc(env, treeNode(env, vmf));
      return grab_mapping_entry(env, vmf, true);
    }
    if (found === FOUND.DOWNGRADE) {
      // The node is allocated with the entry still locked, so that it stays where it is.
      yield* kmem_cache_alloc(env, treeNode(env, vmf));
      yield downgrade(slot);
      return 1;
    }
    if (found === FOUND.HUGE) return 3;
    if (found !== FOUND.PAGE) return 1;
    const locked = yield lock_page(slot);
    return locked === 1 ? 2 : grab_mapping_entry(env, vmf, haveNode);
  },
);

/** The node of the tree that an entry needs: allocated with the mapping's own mask. */
export function treeNode(env: Machine, vmf: VmFault): Request {
  const mapping = vmf.inode.i_mapping.gfp_mask;
  const lowMemory = env.masks.without(mapping, '__GFP_HIGHMEM');
  if (env.era.treeNodes.is === 'preload') {
    return { site: '__radix_tree_preload', mask: env.masks.only(lowMemory, 'RECLAIM'), charged: false, mapping };
  }
  // An xarray takes the mask as it is, and charges the nodes of a mapping's tree.
  const mask = (lowMemory | env.masks.of('__GFP_ACCOUNT')) >>> 0;
  return { site: 'xas_nomem', mask, charged: true, mapping };
}

/** Puts a locked entry of one page in the place of a huge one that the task has locked. */
function downgrade(slot: PageSlot): Op {
  return op(
    `an entry of one page in the place of ${slot.entryLock.name}`,
    wakeCounts(slot, 'all').map((woken) => ({
      when: [when(slot.entry, '==', PMD_LOCKED), ...woken.when],
      does: [set(slot.entry, ENTRY_LOCKED), ...woken.does],
      result: 0,
    })),
  );
}

/** The ways in which one sleeper, or all, are woken: as many as there are. */
export function wakeCounts(
  { entryQueue }: PageSlot,
  which: 'one' | 'all',
): readonly Pick<Alternative, 'when' | 'does'>[] {
  const { sleeping, woken } = entryQueue;
  const counts = which === 'one' ? [0, 1] : Array.from({ length: sleeping.max + 1 }, (_, count) => count);
  return counts.map((count) => ({
    when: [when(sleeping, which === 'one' && count === 1 ? '>=' : '==', count)],
    does: count === 0 ? [] : [add(sleeping, -count), add(woken, count)],
  }));
}

/** Wakes one sleeper in the same step as what `base` does. */
function andWake(slot: PageSlot, name: string, base: Omit<Alternative, 'result'>): Op {
  return op(
    name,
    wakeCounts(slot, 'one').map(({ when: counted, does }, count) => ({
      ...base,
      when: [...base.when, ...counted],
      does: [...base.does, ...does],
      result: count,
    })),
  );
}

/** Unlocks a huge entry, over blocks or not, and wakes the next sleeper. */
export function unlockHuge(slot: PageSlot, to: typeof PMD_BLOCK | typeof PMD_HOLE): Op {
  return andWake(slot, `unlock ${slot.entryLock.name}`, {
    when: [when(slot.entry, '==', PMD_LOCKED)],
    does: [set(slot.entry, to)],
    releases: [{ object: slot.entryLock, mode: 'exclusive' }],
    event: lockEvent(entryIdentity(slot), 'release', 'exclusive'),
  });
}

/**
 * Unlocks the entry and wakes the next sleeper.
 *
 * @kernel fs/dax.c dax_unlock_entry v6.1
 * @locks releases the entry
 * @omits the entry's value
 */
export const dax_unlock_entry = kernelFunction('dax_unlock_entry', function* (_env: Machine, slot: PageSlot) {
  yield andWake(slot, `unlock ${slot.entryLock.name}`, {
    when: [when(slot.entry, '==', ENTRY_LOCKED)],
    does: [set(slot.entry, ENTRY_PRESENT)],
    releases: [{ object: slot.entryLock, mode: 'exclusive' }],
    event: lockEvent(entryIdentity(slot), 'release', 'exclusive'),
  });
  return 0;
});

/**
 * Puts a locked page in the place of the entry that the task has locked, and wakes every sleeper. Where blocks are
 * asked for before the entry is locked, the entry may be over blocks by now: the page replaces it all the same.
 */
export function replaceEntryByPage(slot: PageSlot): Op {
  return op(
    `a locked page in the place of ${slot.entryLock.name}`,
    lockedStates(slot).flatMap((state) =>
      wakeCounts(slot, 'all').map((counted) => ({
        when: [when(slot.entry, '==', state), ...counted.when],
        does: [set(slot.entry, HOLE_PAGE_LOCKED), ...counted.does],
        result: 0,
        releases: [{ object: slot.entryLock, mode: 'exclusive' }],
        acquires: [{ object: slot.pageLock, mode: 'exclusive' }],
        event: [
          lockEvent(entryIdentity(slot), 'release', 'exclusive'),
          lockEvent(pageIdentity(slot), 'acquired', 'exclusive'),
        ],
      })),
    ),
  );
}

/** Puts a locked entry in the place of the hole page that the task has locked. */
export function replacePageByEntry(slot: PageSlot): Op {
  return op(`a locked entry in the place of ${slot.pageLock.name}`, [
    {
      when: [when(slot.entry, '==', HOLE_PAGE_LOCKED)],
      does: [set(slot.entry, ENTRY_LOCKED)],
      result: 0,
      releases: [{ object: slot.pageLock, mode: 'exclusive' }],
      acquires: [{ object: slot.entryLock, mode: 'exclusive' }],
      event: [
        lockEvent(pageIdentity(slot), 'release', 'exclusive'),
        lockEvent(entryIdentity(slot), 'acquired', 'exclusive'),
      ],
    },
  ]);
}

/**
 * Takes the entry out of the tree, after waiting for whoever has it locked; all sleepers look again.
 *
 * @kernel fs/dax.c dax_delete_mapping_entry v6.1
 * @locks the caller has the mapping's invalidate_lock exclusively
 * @omits hole pages of v4.9 are taken out here too, after their lock
 */
export const dax_delete_mapping_entry: KernelFunction<[Machine, PageSlot], number> = kernelFunction(
  'dax_delete_mapping_entry',
  function* (env: Machine, slot: PageSlot) {
    const found = yield removal(slot);
    return found === FOUND.AGAIN ? dax_delete_mapping_entry(env, slot) : 0;
  },
);

/** The values of an entry that somebody has locked. */
function lockedStates(slot: PageSlot): readonly number[] {
  return slot.hugeEntries ? [ENTRY_LOCKED, PMD_LOCKED] : [ENTRY_LOCKED];
}

function removal(slot: PageSlot): Op {
  const { sleeping, woken } = slot.entryQueue;
  const hold = { object: slot.entryLock, mode: 'exclusive' };
  const { lock, instance, kind } = entryIdentity(slot);
  const waits: ModelEvent = { type: 'wait', lock, instance, kind };
  const sleep = op(
    `sleep on ${slot.entryLock.name}`,
    [{ when: [when(woken, '>=', 1)], does: [add(woken, -1)], result: FOUND.AGAIN }],
    hold,
  );
  const alternatives: Alternative[] = [
    { when: [when(slot.entry, '==', ENTRY_ABSENT)], does: [], result: FOUND.LOCKED },
    ...lockedStates(slot).map((state) => ({
      when: [when(slot.entry, '==', state)],
      does: [add(sleeping, 1)],
      result: FOUND.AGAIN,
      event: waits,
      next: sleep,
    })),
  ];
  for (const state of slot.hugeEntries ? [ENTRY_PRESENT, PMD_BLOCK, PMD_HOLE] : [ENTRY_PRESENT]) {
    for (const counted of wakeCounts(slot, 'all')) {
      alternatives.push({
        when: [when(slot.entry, '==', state), ...counted.when],
        does: [set(slot.entry, ENTRY_ABSENT), ...counted.does],
        result: FOUND.INSERTED,
      });
    }
  }
  if (slot.holePages) {
    alternatives.push({
      when: [when(slot.entry, '==', HOLE_PAGE)],
      does: [set(slot.entry, ENTRY_ABSENT)],
      result: FOUND.PAGE,
    });
  }
  return op(`delete ${slot.entryLock.name}`, alternatives, hold);
}

/** Locks the entry where there is one, for work on an entry that a fault left: no entry means nothing to do. */
export function lockIfThere(slot: PageSlot): Op {
  const { sleeping, woken } = slot.entryQueue;
  const hold = { object: slot.entryLock, mode: 'exclusive' };
  const event = lockEvent(entryIdentity(slot), 'acquired', 'exclusive');
  const sleep = op(
    `sleep on ${slot.entryLock.name}`,
    [{ when: [when(woken, '>=', 1)], does: [add(woken, -1)], result: FOUND.AGAIN }],
    hold,
  );
  const alternatives: Alternative[] = [
    {
      when: [when(slot.entry, '==', ENTRY_PRESENT)],
      does: [set(slot.entry, ENTRY_LOCKED)],
      result: FOUND.LOCKED,
      acquires: [hold],
      event,
    },
    ...lockedStates(slot).map((state) => ({
      when: [when(slot.entry, '==', state)],
      does: [add(sleeping, 1)],
      result: FOUND.AGAIN,
      next: sleep,
    })),
    { when: [when(slot.entry, '==', ENTRY_ABSENT)], does: [], result: FOUND.NO_NODE },
  ];
  if (slot.holePages) alternatives.push(...pageFound(slot));
  if (slot.hugeEntries) {
    alternatives.push(
      { when: [when(slot.entry, '==', PMD_HOLE)], does: [], result: FOUND.NO_NODE },
      {
        when: [when(slot.entry, '==', PMD_BLOCK)],
        does: [set(slot.entry, PMD_LOCKED)],
        result: FOUND.HUGE,
        acquires: [hold],
        event,
      },
    );
  }
  return op(`lock ${slot.entryLock.name}`, alternatives, hold);
}
