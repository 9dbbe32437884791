import { choose, kernelFunction } from '@faultpath/engine';
import { type LockIdentity, type Machine, type PageSlot, toldLock, type VmFault, writesFile } from '@faultpath/mm';

/** What a mapping's lock over its VMAs is to the rules. Nobody in a model holds it for long. */
export const mappingLock = ({ owner }: PageSlot): LockIdentity => ({
  lock: 'i_mmap_rwsem',
  instance: `${owner}.i_mmap_rwsem`,
  kind: 'rwsem',
});

/**
 * Puts the blocks in the entry. Where the zero page stood for the hole before, every mapping of it is taken out first;
 * only recordings show that.
 *
 * @kernel fs/dax.c dax_insert_entry v6.1
 * @locks the entry; takes and releases i_mmap_rwsem shared
 * @omits the entry's value and tags
 */
export const dax_insert_entry = kernelFunction('dax_insert_entry', function* (env: Machine, vmf: VmFault) {
  if (env.bounds.detail === undefined || !writesFile(vmf)) return 0;
  if ((yield choose(2, 'a zero page stood for the hole')) === 1) {
    yield toldLock(mappingLock(vmf.slot), 'acquired', 'shared');
    yield toldLock(mappingLock(vmf.slot), 'release', 'shared');
  }
  return 0;
});
