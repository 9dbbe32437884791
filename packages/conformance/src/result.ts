import type { Witness } from '@faultpath/engine';
import type { Finding } from '@faultpath/lockdep';

/** `incomplete`: a budget was spent before the search ended; it is never a pass. */
export type Verdict = 'pass' | 'fail' | 'notrun' | 'incomplete' | 'xfail' | 'xpass';

/** `SHOULD` cases state one side of a discussion, or a goal; they never fail a run. */
export type Level = 'MUST' | 'SHOULD';

/** Where in the matrix a case was run. */
export interface Cell {
  readonly fs: string;
  readonly era: string;
  readonly policy: string;
  readonly case: string;
}

/** What one cell came to. */
export interface CellResult extends Cell {
  readonly title: string;
  readonly level: Level;
  /** No release ever had this combination of era and policy. */
  readonly counterfactual: boolean;
  readonly verdict: Verdict;
  /** Why it is not run, incomplete, or expected to fail. */
  readonly reason?: string;
  readonly link?: string;
  readonly states: number;
  readonly transitions: number;
  readonly exhausted: boolean;
  readonly bounds: Readonly<Record<string, number>>;
  /** Bounds that were asked for beyond the case's own, as the command line writes them. */
  readonly larger?: string;
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
  /** Digest of the explored transition system and its rules: equal ones have one answer. Absent when nothing was explored. */
  readonly system?: string;
  /** The cell whose exploration answered this one: the automata are identical. */
  readonly sameAs?: string;
}

/** A cell's result together with what only a program can use. */
export interface CellOutcome {
  readonly result: CellResult;
  /** The run behind the first finding that has one. */
  readonly witness?: Witness;
  /** Thread names of the model, in the order of the schedule's numbers. */
  readonly threads: readonly string[];
}

/** Name of a cell, `ext4/v6.1/as-released/dax/004`. */
export function cellName(cell: Cell): string {
  return `${cell.fs}/${cell.era}/${cell.policy}/${cell.case}`;
}
