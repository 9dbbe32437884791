import { ext2LockOrder } from '@faultpath/ext2/recordings';
import { ext4LockOrder, ext4TraceVocabulary } from '@faultpath/ext4/recordings';
import { f2fsLockOrder, f2fsTraceVocabulary } from '@faultpath/f2fs/recordings';
import type { LockOrder, TraceVocabulary } from '@faultpath/lockdep';
import { nilfs2LockOrder, nilfs2TraceVocabulary } from '@faultpath/nilfs2/recordings';
import { xfsLockOrder, xfsTraceVocabulary } from '@faultpath/xfs/recordings';
import { ext2TraceVocabulary } from './ext2/trace-vocabulary.ts';

/** How recordings of the bundled filesystems are read, in the order of the tables. */
export const traceVocabularies: readonly TraceVocabulary[] = [
  ext4TraceVocabulary,
  xfsTraceVocabulary,
  ext2TraceVocabulary,
  nilfs2TraceVocabulary,
  f2fsTraceVocabulary,
];

const declared: Readonly<Record<string, readonly (readonly string[])[]>> = {
  ext4: ext4LockOrder,
  xfs: xfsLockOrder,
  ext2: ext2LockOrder,
  nilfs2: nilfs2LockOrder,
  f2fs: f2fsLockOrder,
};

/** The order that each of these filesystems declares for its locks, as pairs of neighbours; all of them when absent. */
export function traceLockOrders(names?: readonly string[]): Readonly<Record<string, LockOrder>> {
  const wanted = Object.entries(declared).filter(([name]) => names?.includes(name) ?? true);
  return Object.fromEntries(wanted.map(([name, chains]) => [name, pairs(chains)]));
}

const pairs = (chains: readonly (readonly string[])[]): LockOrder =>
  chains.flatMap((chain) => chain.slice(1).map((inner, index) => [chain[index] as string, inner] as const));
