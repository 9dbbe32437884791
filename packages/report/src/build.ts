import {
  type CaseResult,
  type ConformanceDocument,
  cellKey,
  documentSchemaId,
  type Summary,
  type Verdict,
} from './document.ts';
import { ReportError } from './errors.ts';

/** Numbers inside names compare as numbers: `v4.9` comes before `v4.10`. */
export function compareNames(a: string, b: string): number {
  const left = a.split(/(\d+)/);
  const right = b.split(/(\d+)/);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const x = left[i] ?? '';
    const y = right[i] ?? '';
    if (x === y) continue;
    return i % 2 === 1 ? Number(x) - Number(y) || (x < y ? -1 : 1) : x < y ? -1 : 1;
  }
  return left.length - right.length;
}

/** `as-released` leads: it is what kernels did. */
export function comparePolicies(a: string, b: string): number {
  const rank = (policy: string): number => (policy === 'as-released' ? 0 : 1);
  return rank(a) - rank(b) || compareNames(a, b);
}

function compareCells(a: CaseResult, b: CaseResult): number {
  return (
    compareNames(a.fs, b.fs) ||
    compareNames(a.era, b.era) ||
    comparePolicies(a.policy, b.policy) ||
    compareNames(a.case, b.case)
  );
}

/** Counts a list of results. */
export function summarize(results: readonly CaseResult[], seconds?: number): Summary {
  const count: Record<Verdict, number> = { pass: 0, fail: 0, notrun: 0, incomplete: 0, xfail: 0, xpass: 0 };
  let states = 0;
  let transitions = 0;
  for (const result of results) {
    count[result.verdict]++;
    if (result.sameAs !== undefined) continue;
    states += result.states;
    transitions += result.transitions;
  }
  return { ...count, states, transitions, ...(seconds === undefined ? {} : { seconds }) };
}

/**
 * Of cells with one transition system the first in the document's order is the one that was explored, whichever it was
 * in the run: shards explore in another order, and must end in the same document.
 */
function settleShared(sorted: readonly CaseResult[]): readonly CaseResult[] {
  const first = new Map<string, string>();
  return sorted.map((cell) => {
    if (cell.system === undefined) return cell;
    const { sameAs: _, ...own } = cell;
    const known = first.get(cell.system);
    if (known === undefined) first.set(cell.system, cellKey(cell));
    return known === undefined ? own : { ...own, sameAs: known };
  });
}

/**
 * Puts results into a document, in an order that depends on their names only, so that a sharded run and a whole
 * one end in the same document.
 *
 * @throws ReportError REPORT_CONFLICT when two results have the same cell.
 */
export function makeDocument(
  results: readonly CaseResult[],
  seconds?: number,
  about: Pick<ConformanceDocument, 'version' | 'shard'> = {},
): ConformanceDocument {
  const seen = new Set<string>();
  for (const result of results) {
    const key = cellKey(result);
    if (seen.has(key)) throw new ReportError('REPORT_CONFLICT', `two results for the cell ${key}`);
    seen.add(key);
  }
  const settled = settleShared([...results].sort(compareCells));
  return { schema: documentSchemaId, ...about, results: settled, summary: summarize(settled, seconds) };
}

/** What a test runner would call a cell. Formats and exit codes agree because all of them ask here. */
export type Outcome = 'passed' | 'failed' | 'unfinished' | 'skipped';

/** An expected failure and a failed SHOULD are shown, and fail nothing; an expected failure that passes does. */
export function outcomeOf(cell: Pick<CaseResult, 'verdict' | 'level'>): Outcome {
  switch (cell.verdict) {
    case 'pass':
      return 'passed';
    case 'fail':
      return cell.level === 'MUST' ? 'failed' : 'skipped';
    case 'xpass':
      return 'failed';
    case 'incomplete':
      return 'unfinished';
    case 'notrun':
    case 'xfail':
      return 'skipped';
  }
}

/** One sentence on a cell that did not simply pass: the reason, or what was found. */
export function explainCell(cell: CaseResult): string {
  const found = cell.findings.map((finding) => finding.claim).join(' ');
  const reason = cell.reason ?? '';
  switch (cell.verdict) {
    case 'pass':
      return '';
    case 'fail':
      return [found, reason].filter((text) => text !== '').join(' ') || 'failed, and no finding says why';
    case 'xpass':
      return `passed, although a failure is expected; mend the expectations: ${reason}`;
    case 'incomplete':
      return `not exhausted within the bounds: ${reason || found}`;
    case 'notrun':
      return `not run: ${reason}`;
    case 'xfail':
      return `expected failure: ${reason}${cell.link === undefined ? '' : ` <${cell.link}>`}`;
  }
}

/**
 * Exit code of a run: 0 all as expected, 1 a MUST case failed or an expected failure passed, 2 something is
 * incomplete or nothing was executed at all.
 */
export function exitCodeOf(document: ConformanceDocument): 0 | 1 | 2 {
  const outcomes = document.results.map(outcomeOf);
  if (outcomes.includes('failed')) return 1;
  if (outcomes.includes('unfinished')) return 2;
  return document.results.some((cell) => cell.verdict !== 'notrun') ? 0 : 2;
}
