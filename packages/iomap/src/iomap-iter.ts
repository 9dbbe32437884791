import { kernelFunction } from '@faultpath/engine';
import type { Machine, VmFault } from '@faultpath/mm';

/**
 * Begins an iteration over a file range of one page: asks the filesystem which extent is there. The result is one of
 * `IOMAP`. Between begin and end the filesystem holds nothing that a fault could want.
 *
 * @kernel fs/iomap/iter.c iomap_iter v6.1
 * @locks whatever the caller holds; for a DAX fault its entry lock
 * @omits srcmap, stale mappings, ranges of more than one page
 */
export const iomap_iter = kernelFunction('iomap_iter', function* (env: Machine, vmf: VmFault) {
  const type = yield* vmf.inode.i_sb.fs.iomap_ops.iomap_begin(env, vmf);
  return type;
});

/**
 * Ends the iteration: tells the filesystem how much was done, if it wants to know.
 *
 * @kernel fs/iomap/iter.c iomap_iter v6.1
 * @locks as at its begin
 * @omits another round
 */
export const iomap_iter_end = kernelFunction('iomap_iter', function* (env: Machine, vmf: VmFault, written: number) {
  const { iomap_end } = vmf.inode.i_sb.fs.iomap_ops;
  if (iomap_end !== undefined) yield* iomap_end(env, vmf, written);
  return 0;
});
