import type { SearchProgress } from '@faultpath/engine';
import { type EraName, eraNames, type Filesystem, type PolicyName, policyNames } from '@faultpath/mm';
import type { CaseSetting, ConformanceCase } from './case.ts';
import { cases as bundledCases } from './cases/index.ts';
import { ConformanceError } from './errors.ts';
import { applyExpectation, type Expectation, expectationFor } from './expectations.ts';
import type { CellOutcome } from './result.ts';
import { modelRules, ruleIds } from './rules.ts';
import { type Explored, runCell } from './run-cell.ts';

/** Which cells to run; an absent filter selects everything. */
export interface Selection {
  readonly fs?: readonly string[];
  readonly era?: readonly string[];
  readonly policy?: readonly string[];
  /** Case ids, or groups. */
  readonly case?: readonly string[];
  readonly rule?: readonly string[];
  /** Only the cells of one of several machines, 1-based. */
  readonly shard?: { readonly index: number; readonly of: number };
}

/** What to run, and how far. */
export interface ConformanceOptions extends Selection {
  readonly adapters: readonly Filesystem[];
  /** The bundled cases when absent. */
  readonly cases?: readonly ConformanceCase[];
  readonly expectations?: readonly Expectation[];
  /** Stored states per cell. Default 2,000,000. */
  readonly maxStates?: number;
  /** Off: explore without reductions, to compare. */
  readonly reductions?: boolean;
  /** ISO date that expiring expectations are held against; today when absent. */
  readonly today?: string;
  readonly onCell?: (outcome: CellOutcome, done: number, total: number) => void;
  readonly onProgress?: (
    setting: CaseSetting,
    subject: ConformanceCase,
    progress: SearchProgress,
  ) => boolean | undefined;
  /** Ends the run after the current cell; what was not run is `incomplete`. */
  readonly signal?: AbortSignal;
}

/** One cell to run. */
interface PlannedCell {
  readonly subject: ConformanceCase;
  readonly setting: CaseSetting;
}

/**
 * Runs the suite. Cells come in a fixed order: filesystem, era, policy, case.
 *
 * @throws ConformanceError for an unknown filter value (`CONFORMANCE_UNKNOWN_VALUE`, naming the known ones) and when
 * nothing is selected (`CONFORMANCE_NOTHING_SELECTED`)
 */
export async function runConformance(options: ConformanceOptions): Promise<readonly CellOutcome[]> {
  const planned = plan(options);
  const rules = modelRules.filter((rule) => options.rule === undefined || options.rule.includes(rule.id));
  const today = options.today ?? new Date().toISOString().slice(0, 10);
  const explored: Explored = new Map();
  const outcomes: CellOutcome[] = [];
  for (const { subject, setting } of planned) {
    // Let signals and progress output run between cells: a cell is one synchronous search.
    await new Promise((resolve) => setImmediate(resolve));
    if (options.signal?.aborted === true) break;
    const outcome = runCell(
      subject,
      setting,
      {
        rules,
        maxStates: options.maxStates ?? 2_000_000,
        ...(options.reductions === undefined ? {} : { reductions: options.reductions }),
        onProgress: (progress) =>
          options.signal?.aborted === true ? false : options.onProgress?.(setting, subject, progress),
      },
      explored,
    );
    const selected = selectFindings(outcome, options.rule);
    const settled = {
      ...selected,
      result: applyExpectation(selected.result, expectationFor(selected.result, options.expectations ?? [], today)),
    };
    outcomes.push(settled);
    options.onCell?.(settled, outcomes.length, planned.length);
  }
  return outcomes;
}

/** With `--rule`, only what these rules say counts. */
function selectFindings(outcome: CellOutcome, rules: readonly string[] | undefined): CellOutcome {
  if (rules === undefined) return outcome;
  const findings = outcome.result.findings.filter((finding) => rules.includes(finding.rule));
  const { verdict } = outcome.result;
  const failed = findings.some((finding) => finding.level === 'error');
  const settled = verdict === 'fail' && !failed ? (outcome.result.exhausted ? 'pass' : 'incomplete') : verdict;
  return { ...outcome, result: { ...outcome.result, findings, verdict: settled } };
}

function plan(options: ConformanceOptions): readonly PlannedCell[] {
  const cases = options.cases ?? bundledCases;
  requireUnique(
    'adapters',
    options.adapters.map((fs) => fs.name),
  );
  requireUnique(
    'cases',
    cases.map((each) => each.id),
  );
  const groups = [...new Set(cases.flatMap((each) => each.groups))];
  requireKnown(
    'fs',
    options.fs,
    options.adapters.map((fs) => fs.name),
  );
  requireKnown('era', options.era, eraNames);
  requireKnown('policy', options.policy, policyNames);
  requireKnown('case', options.case, [...cases.map((each) => each.id), ...groups]);
  requireKnown('rule', options.rule, ruleIds);

  const wanted = <T extends string>(names: readonly string[] | undefined, all: readonly T[]): readonly T[] =>
    names === undefined ? all : all.filter((name) => names.includes(name));
  const planned: PlannedCell[] = [];
  for (const fs of options.adapters) {
    if (options.fs !== undefined && !options.fs.includes(fs.name)) continue;
    for (const era of wanted<EraName>(options.era, eraNames)) {
      for (const policy of wanted<PolicyName>(options.policy, policyNames)) {
        for (const subject of cases) {
          const named =
            options.case === undefined ||
            options.case.includes(subject.id) ||
            subject.groups.some((group) => options.case?.includes(group));
          if (named) planned.push({ subject, setting: { fs, era, policy } });
        }
      }
    }
  }
  const mine = shardOf(planned, options.shard);
  if (mine.length === 0)
    throw new ConformanceError('CONFORMANCE_NOTHING_SELECTED', 'selection', 'no cell is left to run; loosen a filter');
  return mine;
}

function shardOf(planned: readonly PlannedCell[], shard: Selection['shard']): readonly PlannedCell[] {
  if (shard === undefined) return planned;
  const { index, of } = shard;
  if (!Number.isInteger(index) || !Number.isInteger(of) || of < 1 || index < 1 || index > of) {
    throw new ConformanceError('CONFORMANCE_BAD_SHARD', `${index}/${of}`, 'a shard is i/n with 1 ≤ i ≤ n, such as 2/3');
  }
  return planned.filter((_, at) => at % of === index - 1);
}

function requireKnown(option: string, given: readonly string[] | undefined, known: readonly string[]): void {
  const unknown = given?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ConformanceError(
      'CONFORMANCE_UNKNOWN_VALUE',
      option,
      `there is no '${unknown}'; known: ${known.join(', ')}`,
    );
  }
  if (given?.length === 0)
    throw new ConformanceError(
      'CONFORMANCE_UNKNOWN_VALUE',
      option,
      `an empty list selects nothing; known: ${known.join(', ')}`,
    );
}

function requireUnique(what: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConformanceError('CONFORMANCE_DUPLICATE', what, `'${twice}' is there twice`);
}
