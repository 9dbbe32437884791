import type { Finding } from '@faultpath/lockdep';
import type { Witness } from './witness.ts';

/**
 * The document a conformance run ends in, and every other format starts from. The runner does not import this
 * package: what it returns fits these types by structure.
 */

/** Id of the document's shape. The number changes when a reader of the old shape would misread the new one. */
export const documentSchemaId = 'faultpath/conformance/1';

/** `incomplete` is a search that ended before it was exhausted; it is never a pass. */
export type Verdict = 'pass' | 'fail' | 'notrun' | 'incomplete' | 'xfail' | 'xpass';

/** In the order in which a person wants to read them: what needs work first. */
export const verdicts: readonly Verdict[] = ['fail', 'xpass', 'incomplete', 'xfail', 'notrun', 'pass'];

/** `SHOULD` cases state one side of a discussion: a failing one is shown and does not fail the run. */
export type Level = 'MUST' | 'SHOULD';

/** Inside which bounds the answer holds, for example `{ tasks: 3, inodes: 2, pages: 1 }`. */
export type Bounds = Readonly<Record<string, number>>;

/** One cell of the table: a case under one filesystem, release and mask policy. */
export interface CaseResult {
  readonly fs: string;
  /** Release the adapter was asked to behave like, `v6.1`. */
  readonly era: string;
  /** Mask policy inside the fault, `as-released`. */
  readonly policy: string;
  /** Stable id, `dax/004`. */
  readonly case: string;
  readonly title: string;
  readonly level: Level;
  /** No release ever combined this era and this policy. */
  readonly counterfactual: boolean;
  readonly verdict: Verdict;
  /** Why it was not run, not finished, or was expected to fail. Required for those verdicts. */
  readonly reason?: string;
  /** Where the expected failure is discussed. */
  readonly link?: string;
  /** Distinct states visited. */
  readonly states: number;
  readonly transitions: number;
  /** Everything inside the bounds was visited. */
  readonly exhausted: boolean;
  readonly bounds: Bounds;
  /** Bounds that were asked for beyond those of the case, as the command line writes them: `faults=3`. */
  readonly larger?: string;
  readonly findings: readonly Finding[];
  /** What a reader of a pass should know, such as a class cycle that exploration proved infeasible. */
  readonly notes: readonly string[];
  /** Digest of the transition system: cells with the same one are explored once, and which of them is told is settled here. */
  readonly system?: string;
  /** Key (see `cellKey`) of the cell whose exploration answered this one too. */
  readonly sameAs?: string;
}

/** Counts of verdicts, and what was explored; a cell with `sameAs` adds to the verdicts only. */
export interface Summary {
  readonly pass: number;
  readonly fail: number;
  readonly notrun: number;
  readonly incomplete: number;
  readonly xfail: number;
  readonly xpass: number;
  readonly states: number;
  readonly transitions: number;
  /** Wall-clock seconds; of a merged document, the sum of its parts. */
  readonly seconds?: number;
}

/** The name of one cell, in parts. */
export type CellName = Pick<CaseResult, 'fs' | 'era' | 'policy' | 'case'>;

/** A witness, and the cell that it is of. */
export interface CellWitness {
  readonly cell: CellName;
  readonly witness: Witness;
}

/** Which part of a run a document is. */
export interface ShardFact {
  /** 1-based. */
  readonly index: number;
  readonly of: number;
  /** Digest of everything that the whole run was asked for: shards that have another one belong to another run. */
  readonly run: string;
  /** What the shard found to tell: whoever merges chooses among them. */
  readonly witnesses: readonly CellWitness[];
}

export interface ConformanceDocument {
  readonly schema: typeof documentSchemaId;
  /** Version of the program that made it. */
  readonly version?: string;
  /** Absent in the document of a whole run. */
  readonly shard?: ShardFact;
  readonly results: readonly CaseResult[];
  readonly summary: Summary;
}

/** Name of a cell, `ext4/v6.1/as-released/dax/004`: unique in a document, and what `sameAs` points to. */
export function cellKey(cell: CellName): string {
  return `${cell.fs}/${cell.era}/${cell.policy}/${cell.case}`;
}

/** The page that explains a rule, relative to the repository: `gfp/fs-recursion` is `docs/rules/gfp-fs-recursion.md`. */
export function rulePage(rule: string): string {
  return `docs/rules/${rule.replace(/[^A-Za-z0-9._-]+/g, '-')}.md`;
}
