import { type Expectation, expectationFor } from './expectations.ts';
import type { CellResult } from './result.ts';

/** What a run makes of an expectations file. */
export interface ExpectationsUpdate {
  readonly expect: readonly Expectation[];
  /** New failures: their reason and link are empty, and the file is refused until somebody fills them in. */
  readonly added: number;
  /** Expectations of cells that passed. */
  readonly removed: number;
}

/**
 * Expectations after a run: what passed is expected to fail no longer, and what failed has an entry to be filled in. What
 * was not run stays as it is. A narrower entry stands before a wider one, as the first that covers a cell counts.
 */
export function updateExpectations(
  known: readonly Expectation[],
  results: readonly CellResult[],
  today: string,
): ExpectationsUpdate {
  const passed = results.filter(({ verdict }) => verdict === 'xpass');
  const failed = results.filter(({ verdict, level }) => verdict === 'fail' && level === 'MUST');
  const covers = (entry: Expectation, cell: CellResult): boolean => expectationFor(cell, known, today) === entry;
  const kept: Expectation[] = [];
  let removed = 0;
  for (const entry of known) {
    if (!passed.some((cell) => covers(entry, cell))) {
      kept.push(entry);
      continue;
    }
    removed += 1;
    // Where some of its cells failed as expected, these stay, each by name.
    const still = results.filter((cell) => cell.verdict === 'xfail' && covers(entry, cell));
    kept.push(...still.map(({ fs, era, policy }) => ({ ...entry, fs: [fs], era: [era], policy: [policy] })));
  }
  const added = failed.map(({ fs, era, policy, case: id, findings }) => ({
    case: id,
    fs: [fs],
    era: [era],
    policy: [policy],
    rules: [...new Set(findings.flatMap(({ rule, level }) => (level === 'error' ? [rule] : [])))],
    reason: '',
    link: '',
  }));
  return { expect: [...added, ...kept], added: added.length, removed };
}
