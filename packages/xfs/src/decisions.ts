import type { SuperBlock } from '@faultpath/mm';

/** Decisions of xfs that keep its faults from hanging. A twin turns one round, and says what becomes of that. */
export const decisions = {
  /** An open transaction allocates without `__GFP_FS`: by PF_FSTRANS, or by a scope. */
  transactionScope: true,
  /** The transaction's structure is allocated before log space is reserved. */
  structBeforeReservation: true,
  /** Log space is reserved before the ILOCK is taken. */
  reservationBeforeIlock: true,
  /** A fault locks the DAX entry first, and has a transaction open only inside. */
  entryBeforeTransaction: true,
  /** A write fault takes the page-fault level of freeze protection. */
  pagefaultProtection: true,
  /** The worker that inactivates runs in a NOFS scope. */
  workerScope: true,
  /** A task with a transaction open never waits for that worker. */
  noFlushInTransaction: true,
  /** A freeze stops that worker while transactions can still be made. */
  stopWorkerInFreeze: true,
} as const;

export type XfsDecision = keyof typeof decisions;
export type XfsDecisions = Readonly<Record<XfsDecision, boolean>>;

/** What the mounted adapter does about one of them. */
export function decided(sb: SuperBlock, decision: XfsDecision): boolean {
  return sb.fs.decisions?.[decision] !== false;
}

/**
 * Is the ILOCK a leaf? Where nothing inside it waits for another task it needs no cells: every section can be moved to
 * the one step that it protects.
 */
export function ilockIsLeaf(made: XfsDecisions): boolean {
  return made.transactionScope && made.reservationBeforeIlock;
}
