import type { CellOutcome } from '../result.ts';

/** An outcome on its way to another thread; what an earlier cell of its unit told is not told again. */
export interface SentOutcome {
  readonly outcome: CellOutcome;
  /** The cell whose findings, notes, threads and witness these are. */
  readonly like?: number;
}

/** Makes what is sent of the cells of one unit: most have the answer of another one, which may be long. */
export function createSender(): (cell: number, outcome: CellOutcome) => SentOutcome {
  /** A cell that takes an answer takes its very lists. */
  const sent = new Map<CellOutcome['result']['findings'], number>();
  return (cell, outcome) => {
    const like = sent.get(outcome.result.findings);
    if (like === undefined) {
      sent.set(outcome.result.findings, cell);
      return { outcome };
    }
    return { outcome: { result: { ...outcome.result, findings: [], notes: [] }, threads: [] }, like };
  };
}

/** Puts together what {@link createSender} took apart, cell by cell in the same order. */
export function createReceiver(): (cell: number, sent: SentOutcome) => CellOutcome {
  const received = new Map<number, CellOutcome>();
  return (cell, { outcome, like }) => {
    if (like === undefined) {
      received.set(cell, outcome);
      return outcome;
    }
    const known = received.get(like);
    if (known === undefined) throw new Error('a thread refers to a cell of which it told nothing');
    const { findings, notes } = known.result;
    return { ...known, result: { ...outcome.result, findings, notes } };
  };
}
