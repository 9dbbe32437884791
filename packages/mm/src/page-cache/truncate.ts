import { kernelFunction, op, set, when } from '@faultpath/engine';
import { changes, lockEvent } from '../events.ts';
import { lock_page, pageIdentity } from '../locks/page-lock.ts';
import { ENTRY_ABSENT, HOLE_PAGE_LOCKED, type Inode, type Machine, type PageSlot } from '../machine/types.ts';

/**
 * Takes a page out of the page cache, after waiting for whoever has it locked. What was stored in it is gone.
 *
 * @kernel mm/truncate.c truncate_inode_folio v6.1
 * @locks whatever the caller holds; locks the page and gives it up
 * @omits unmapping it; a write of the page that is under way
 */
export const truncate_inode_folio = kernelFunction('truncate_inode_folio', function* (_env: Machine, slot: PageSlot) {
  if ((yield lock_page(slot)) === 0) return 0;
  yield op(`delete ${slot.pageLock.name}`, [
    {
      when: [when(slot.entry, '==', HOLE_PAGE_LOCKED)],
      does: [set(slot.entry, ENTRY_ABSENT), ...(slot.dirty === undefined ? [] : [set(slot.dirty, 0)])],
      result: 0,
      releases: [{ object: slot.pageLock, mode: 'exclusive' }],
      event: lockEvent(pageIdentity(slot), 'release', 'exclusive'),
    },
  ]);
  return 0;
});

/**
 * Takes every page of a file out of the page cache.
 *
 * @kernel mm/truncate.c truncate_pagecache v6.1
 * @locks locks each page in turn
 * @omits pages that are added behind it, which the caller's lock keeps out, or the size that has changed before
 */
export const truncate_pagecache = kernelFunction('truncate_pagecache', function* (env: Machine, inode: Inode) {
  for (const slot of inode.i_mapping.i_pages) yield* truncate_inode_folio(env, slot);
  return 0;
});

/**
 * Cuts a file's size to nothing, and takes its pages out of the page cache.
 *
 * @kernel mm/truncate.c truncate_setsize v6.1
 * @locks i_rwsem exclusively on entry; locks each page in turn
 * @omits pagecache_isize_extended, as a file does not grow here
 */
export const truncate_setsize = kernelFunction('truncate_setsize', function* (env: Machine, inode: Inode) {
  yield changes('i_size', inode.name);
  yield* truncate_pagecache(env, inode);
  return 0;
});
