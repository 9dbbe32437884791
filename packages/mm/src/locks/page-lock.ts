import { kernelFunction, type Op, op, set, when } from '@faultpath/engine';
import { lockEvent } from '../events.ts';
import { HOLE_PAGE, HOLE_PAGE_LOCKED, type Machine, type PageSlot } from '../machine/types.ts';

/** What the lock of a slot's page is to the rules. */
export function pageIdentity(slot: PageSlot): {
  lock: string;
  instance: string;
  kind: 'folio';
  owner: { object: string; referenced: boolean };
} {
  return {
    lock: 'folio_lock',
    instance: slot.pageLock.name,
    kind: 'folio',
    owner: { object: slot.owner, referenced: true },
  };
}

/**
 * Waits for the hole page and locks it; the result is 0 where the page left the tree meanwhile.
 */
export function lock_page(slot: PageSlot): Op {
  const hold = { object: slot.pageLock, mode: 'exclusive' };
  const event = lockEvent(pageIdentity(slot), 'acquired', 'exclusive');
  return op(
    `lock_page ${slot.pageLock.name}`,
    [
      {
        when: [when(slot.entry, '==', HOLE_PAGE)],
        does: [set(slot.entry, HOLE_PAGE_LOCKED)],
        result: 1,
        acquires: [hold],
        event,
      },
      { when: [when(slot.entry, '<', HOLE_PAGE)], does: [], result: 0 },
    ],
    hold,
  );
}

/**
 * Unlocks the hole page.
 *
 * @kernel mm/filemap.c unlock_page v4.9
 * @locks the page, which is released
 * @omits the page's wait queue: waiters look again by themselves
 */
export const unlock_page = kernelFunction('unlock_page', function* (_env: Machine, slot: PageSlot) {
  yield op(`unlock_page ${slot.pageLock.name}`, [
    {
      when: [when(slot.entry, '==', HOLE_PAGE_LOCKED)],
      does: [set(slot.entry, HOLE_PAGE)],
      result: 0,
      releases: [{ object: slot.pageLock, mode: 'exclusive' }],
      event: lockEvent(pageIdentity(slot), 'release', 'exclusive'),
    },
  ]);
  return 0;
});
