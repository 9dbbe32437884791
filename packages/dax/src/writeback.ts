import { kernelFunction } from '@faultpath/engine';
import type { Inode, Machine } from '@faultpath/mm';
import { dax_writeback_one } from './entry.ts';

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
