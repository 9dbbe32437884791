import { ext2 } from '@faultpath/ext2';
import { ext4, ext4TraceVocabulary } from '@faultpath/ext4';
import { f2fs, f2fsTraceVocabulary } from '@faultpath/f2fs';
import type { LockOrder, TraceVocabulary } from '@faultpath/lockdep';
import type { Filesystem } from '@faultpath/mm';
import { nilfs2, nilfs2TraceVocabulary } from '@faultpath/nilfs2';
import { xfs, xfsTraceVocabulary } from '@faultpath/xfs';
import { ext2TraceVocabulary } from './ext2/trace-vocabulary.ts';

/** How recordings of the bundled filesystems are read, in the order of the tables. */
export const traceVocabularies: readonly TraceVocabulary[] = [
  ext4TraceVocabulary,
  xfsTraceVocabulary,
  ext2TraceVocabulary,
  nilfs2TraceVocabulary,
  f2fsTraceVocabulary,
];

const recorded: readonly Filesystem[] = [ext4, xfs, ext2, nilfs2, f2fs];

/** The order that each of these filesystems declares for its locks, as pairs of neighbours; all of them when absent. */
export function traceLockOrders(names?: readonly string[]): Readonly<Record<string, LockOrder>> {
  const wanted = recorded.filter(({ name }) => names?.includes(name) ?? true);
  return Object.fromEntries(wanted.map((fs) => [fs.name, pairs(fs)]));
}

const pairs = ({ lockOrder }: Filesystem): LockOrder =>
  lockOrder.flatMap((chain) => chain.slice(1).map((inner, index) => [chain[index] as string, inner] as const));
