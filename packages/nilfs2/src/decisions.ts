import type { SuperBlock } from '@faultpath/mm';

/** Single decisions of nilfs2, so that a twin is one line. */
export const nilfs2Decisions = Object.freeze({
  /** A transaction begun inside the task's own is counted, and takes no lock again. */
  nestsTransactions: true,
  /** The segment constructor locks dirty pages while it holds the semaphore. */
  constructorLocksPages: true,
});

export type Nilfs2Decision = keyof typeof nilfs2Decisions;

/** What the mounted filesystem decides. */
export function decides(sb: SuperBlock, decision: Nilfs2Decision): boolean {
  return sb.fs.decisions?.[decision] ?? nilfs2Decisions[decision];
}
