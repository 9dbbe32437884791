import { createKnownSearches, type SearchProgress } from '@faultpath/engine';
import type { CaseSetting, ConformanceCase } from './case.ts';
import { applyExpectation, type Expectation, expectationFor } from './expectations.ts';
import { type PlanOptions, planCells } from './plan.ts';
import type { CellOutcome } from './result.ts';
import { modelRules } from './rules.ts';
import type { CellOptions, Explored } from './run-cell.ts';
import { runCellTogether } from './run-cell-together.ts';

/** How far to go, and what is known. */
export interface RunOptions {
  readonly expectations?: readonly Expectation[];
  /** Stored states per cell. Default 2,000,000. */
  readonly maxStates?: number;
  /** Off: explore without reductions, to compare. */
  readonly reductions?: boolean;
  /** Milliseconds after which a handler that has not come back is ended, and its adapter fails. Default 30,000. */
  readonly patience?: number;
  /** ISO date that expiring expectations are held against; today when absent. */
  readonly today?: string;
  readonly onCell?: (outcome: CellOutcome, done: number, total: number) => void;
  /** Ends the run after the current cell: what was not run has no outcome, and the cell that was cut short is `incomplete`. */
  readonly signal?: AbortSignal;
}

/** What to run, and how far. */
export interface ConformanceOptions extends PlanOptions, RunOptions {
  /**
   * Threads that share the search of each cell; outcomes are the same. One thread searches when it is absent, or where there
   * are no threads.
   */
  readonly workers?: number;
  readonly onProgress?: (
    setting: CaseSetting,
    subject: ConformanceCase,
    progress: SearchProgress,
  ) => boolean | undefined;
}

/**
 * Runs the suite. Cells come in a fixed order: filesystem, era, policy, case. An adapter that cannot be explored fails
 * in its own cells; the others' results stay.
 *
 * @throws ConformanceError for what {@link planCells} refuses
 */
export async function runConformance(options: ConformanceOptions): Promise<readonly CellOutcome[]> {
  const planned = planCells(options);
  const explored: Explored = new Map();
  const common = cellOptions(options);
  const outcomes: CellOutcome[] = [];
  for (const { subject, setting } of planned) {
    // Let signals and progress output run between cells: a cell is one synchronous search.
    await new Promise((resolve) => setImmediate(resolve));
    if (options.signal?.aborted === true) break;
    const onProgress = (progress: SearchProgress): boolean | undefined =>
      options.signal?.aborted === true ? false : options.onProgress?.(setting, subject, progress);
    const { workers, signal } = options;
    const outcome = await runCellTogether(subject, setting, { ...common, onProgress }, explored, { workers, signal });
    const settled = settle(outcome, options);
    outcomes.push(settled);
    options.onCell?.(settled, outcomes.length, planned.length);
  }
  return outcomes;
}

/** What every cell of a run has in common. */
export function cellOptions({
  rule,
  maxStates,
  reductions,
  patience,
}: {
  readonly rule?: readonly string[] | undefined;
  readonly maxStates?: number | undefined;
  readonly reductions?: boolean | undefined;
  readonly patience?: number | undefined;
}): CellOptions {
  return {
    rules: modelRules.filter((each) => rule === undefined || rule.includes(each.id)),
    maxStates: maxStates ?? 2_000_000,
    searches: createKnownSearches(),
    ...(reductions === undefined ? {} : { reductions }),
    ...(patience === undefined ? {} : { patience }),
  };
}

/** A cell's outcome under `--rule` and the expectations. */
export function settle(
  outcome: CellOutcome,
  { rule, expectations, today }: Pick<ConformanceOptions, 'rule' | 'expectations' | 'today'>,
): CellOutcome {
  const selected = selectFindings(outcome, rule);
  const date = today ?? new Date().toISOString().slice(0, 10);
  const known = expectationFor(selected.result, expectations ?? [], date);
  return { ...selected, result: applyExpectation(selected.result, known) };
}

/** With `--rule`, only what these rules say counts. That an adapter is broken counts always. */
function selectFindings(outcome: CellOutcome, rules: readonly string[] | undefined): CellOutcome {
  if (rules === undefined) return outcome;
  const findings = outcome.result.findings.filter(
    (finding) => finding.rule === 'adapter/error' || rules.includes(finding.rule),
  );
  const { verdict } = outcome.result;
  const failed = findings.some((finding) => finding.level === 'error');
  const settled = verdict === 'fail' && !failed ? (outcome.result.exhausted ? 'pass' : 'incomplete') : verdict;
  const reason =
    settled === 'incomplete' && outcome.result.reason === undefined
      ? { reason: 'the search ended early, at what another rule found' }
      : {};
  return { ...outcome, result: { ...outcome.result, ...reason, findings, verdict: settled } };
}
