import type { LockKind, LockMode } from './events.ts';

/** A lock class as the graph knows it: the kernel's class name and nesting subclass. */
export interface LockClass {
  /** Dense index inside its graph. */
  readonly index: number;
  /** Unique name: the lock's name, with `/N` for subclass N > 0, as `/proc/lockdep` prints it. */
  readonly id: string;
  readonly lock: string;
  readonly subclass: number;
  readonly kind: LockKind;
}

/** The kernel's pseudo-lock for filesystem reclaim, and ours for reclaim that may do I/O but not enter a filesystem. */
export const FS_RECLAIM = 'fs_reclaim';
export const IO_RECLAIM = 'io_reclaim';
/** Name of the kernel's map for mmu-notifier invalidation, entered wherever an allocation may reclaim at all. */
export const MMU_NOTIFIER = 'mmu_notifier_invalidate_range_start';

/** A pseudo-lock excludes nobody: a task "holding" it only says where the task is. */
export function isPseudo(lock: string): boolean {
  return lock === FS_RECLAIM || lock === IO_RECLAIM || lock === MMU_NOTIFIER;
}

export function classId(lock: string, subclass = 0): string {
  return subclass === 0 ? lock : `${lock}/${subclass}`;
}

const invisibleToKernel: ReadonlySet<LockKind> = new Set<LockKind>([
  'folio',
  'dax-entry',
  'buffer',
  'commit',
  'transaction',
  'log-space',
  'writeback',
  'completion',
]);

/** Whether the kernel's own lockdep has a class for this kind of thing. Freeze levels are percpu rwsems to it. */
export function seenByKernel(kind: LockKind): boolean {
  return !invisibleToKernel.has(kind);
}

/**
 * Things taken many at a time in index order (a writeback batch locks folio after folio). Two of them in one task are
 * no recursion unless they are one instance.
 */
const takenInIndexOrder: ReadonlySet<LockKind> = new Set<LockKind>([
  'folio',
  'dax-entry',
  'buffer',
  'writeback',
  'handle',
  'commit',
  'transaction',
  'log-space',
  'completion',
]);

export function orderedByInstance(kind: LockKind): boolean {
  return takenInIndexOrder.has(kind);
}

/** Kinds that one task may take and another release: an I/O completion unlocks the folio, a thaw the freeze level. */
const transferable: ReadonlySet<LockKind> = new Set<LockKind>([
  'folio',
  'buffer',
  'freeze',
  'percpu-rwsem',
  'writeback',
  'completion',
  'log-space',
  'transaction',
  'commit',
]);

export function mayBeReleasedByOthers(kind: LockKind): boolean {
  return transferable.has(kind);
}

export const modeNumber: Readonly<Record<LockMode, number>> = { exclusive: 0, shared: 1, 'recursive-shared': 2 };
