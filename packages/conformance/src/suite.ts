import { eraNames, type Filesystem } from '@faultpath/mm';
import { adapterProblem, nameable } from './adapter-error.ts';
import type { ConformanceCase } from './case.ts';
import { ConformanceError } from './errors.ts';
import { type PlannedCell, planCells, type Selection } from './plan.ts';
import { type CellResult, cellName } from './result.ts';
import { type RunOptions, runConformance } from './run-conformance.ts';
import { replayCommand } from './witness-view.ts';

/** What to run in an adapter's own tests. */
export interface SuiteOptions extends Selection, Omit<RunOptions, 'onCell' | 'signal'> {
  /** Besides the bundled cases. */
  readonly extraCases?: readonly ConformanceCase[];
}

/** How a test runner is told of the suite. */
export interface Runner {
  /** A group of tests, by release. */
  readonly describe: (name: string, body: () => void) => void;
  /** A test; `skip` says why it is not run. */
  readonly test: (name: string, body: () => Promise<void>, skip?: string) => void;
}

/**
 * Registers one test for every cell of an adapter, by era. Without a selection: what each era that the adapter supports
 * released. A failure's message has every finding, and the line that shows it again.
 *
 * @throws ConformanceError for an unknown filter value; a broken adapter fails in its tests
 */
export function registerSuite(
  given: Filesystem,
  options: SuiteOptions,
  bundled: readonly ConformanceCase[],
  runner: Runner,
): void {
  const fs = nameable(given);
  const { extraCases = [], ...asked } = options;
  const eras = asked.era ?? supportedEras(fs);
  const cases = [...bundled, ...extraCases];
  const selection = { ...asked, era: eras, policy: asked.policy ?? ['as-released'] };
  const planned = planCells({ adapters: [fs], cases, ...selection });
  for (const era of eras) {
    const cells = planned.filter(({ setting }) => setting.era === era);
    if (cells.length === 0) continue;
    runner.describe(`${fs.name} ${era}`, () => {
      for (const cell of cells) registerCell(cell, options, runner);
    });
  }
}

function registerCell({ subject, setting }: PlannedCell, options: SuiteOptions, runner: Runner): void {
  const policy = setting.policy === 'as-released' ? '' : ` (${setting.policy})`;
  const missing = adapterProblem(setting.fs) === undefined ? subject.requires(setting) : undefined;
  const body = async (): Promise<void> => {
    const [outcome] = await runConformance({
      ...options,
      adapters: [setting.fs],
      cases: [subject],
      fs: [setting.fs.name],
      era: [setting.era],
      policy: [setting.policy],
      case: [subject.id],
      shard: { index: 1, of: 1 },
    });
    if (outcome !== undefined) requirePassed(outcome.result);
  };
  runner.test(`${subject.id} ${subject.title}${policy}`, body, missing);
}

/** An adapter that says nothing of its eras still gets tests, which then say what is wrong with it. */
function supportedEras(fs: Filesystem): readonly string[] {
  if (adapterProblem(fs) !== undefined) return eraNames.slice(-1);
  return eraNames.filter((era) => fs.supports.eras.includes(era));
}

/** Throws what a test runner shows, unless the cell is as it should be. */
function requirePassed(result: CellResult): void {
  const { verdict, level, findings, reason } = result;
  if (verdict === 'pass' || verdict === 'notrun' || verdict === 'xfail') return;
  if (verdict === 'fail' && level === 'SHOULD') return;
  const told = findings
    .filter((finding) => finding.level === 'error')
    .map(({ rule, claim, because, schedule }) =>
      [
        `${rule}: ${claim}`,
        ...because.map(({ text }) => `    ${text}`),
        ...(schedule === undefined ? [] : [`    ${replayCommand(result, schedule)}`]),
      ].join('\n'),
    );
  const lines = [`${cellName(result)}: ${verdict}${reason === undefined ? '' : `: ${reason}`}`, ...told];
  throw new ConformanceError('CONFORMANCE_CELL_FAILED', cellName(result), lines.join('\n'));
}
