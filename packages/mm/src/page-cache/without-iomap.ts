import { kernelFunction, op } from '@faultpath/engine';
import type { IomapOperations } from '../filesystem.ts';
import type { Machine, VmFault } from '../machine/types.ts';

/**
 * Stands where a filesystem has no iomap: nobody may come here.
 *
 * @kernel include/linux/iomap.h iomap_ops v6.1
 * @locks none
 * @omits nothing
 */
const noIomapBegin = kernelFunction('noIomapBegin', function* (_env: Machine, vmf: VmFault) {
  const message = `${vmf.inode.i_sb.fs.name} has no iomap_begin, and something asks it for one`;
  yield op('no iomap_begin', [{ when: [], does: [], result: 0, error: { code: 'mm/no-iomap', message } }]);
  return 0;
});

/** The `iomap_ops` of a filesystem whose files are only in the page cache, and which maps blocks in another way. */
export const withoutIomap: IomapOperations = Object.freeze({ iomap_begin: noIomapBegin });
