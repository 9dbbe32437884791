import { type KernelFunction, kernelFunction } from '@faultpath/engine';
import { type Inode, type Machine, type PageSlot, PMD_BLOCK, toldLock } from '@faultpath/mm';
import { dax_unlock_entry, FOUND, lockIfThere, unlockHuge } from './entry.ts';
import { mappingLock } from './insert-entry.ts';

/**
 * Writes back what was stored through the mapping: every entry of the file is locked once.
 *
 * @kernel fs/dax.c dax_writeback_one v6.1
 * @locks takes and releases the entry
 * @omits tags: every entry counts as dirty; write-protecting the mappings, unless that detail is asked for; v4.9's hole
 * pages, which are never dirty
 */
export const dax_writeback_one: KernelFunction<[Machine, PageSlot], number> = kernelFunction(
  'dax_writeback_one',
  function* (env: Machine, slot: PageSlot) {
    const found = yield lockIfThere(slot);
    if (found === FOUND.AGAIN) return dax_writeback_one(env, slot);
    if (env.bounds.detail !== undefined && found !== FOUND.NO_NODE) {
      yield toldLock(mappingLock(slot), 'acquired', 'shared');
      yield toldLock(mappingLock(slot), 'release', 'shared');
    }
    if (found === FOUND.LOCKED) yield* dax_unlock_entry(env, slot);
    if (found === FOUND.HUGE) yield unlockHuge(slot, PMD_BLOCK);
    return 0;
  },
);

/**
 * Makes the pages of a file durable: where there is no journal, that is all that an fsync waits for.
 *
 * @kernel fs/dax.c dax_writeback_mapping_range v6.1
 * @locks takes and releases each DAX entry of the file
 * @omits the range, which is the whole file
 */
export const dax_writeback_mapping_range = kernelFunction(
  'dax_writeback_mapping_range',
  function* (env: Machine, inode: Inode) {
    for (const slot of inode.i_mapping.i_pages) yield* dax_writeback_one(env, slot);
    return 0;
  },
);
