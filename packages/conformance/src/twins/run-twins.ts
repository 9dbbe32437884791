import { systemKey } from '@faultpath/engine';
import { adapterProblem, codedProblem } from '../adapter-error.ts';
import type { CaseSetting, ConformanceCase, Twin } from '../case.ts';
import { compileCell, systemOf } from '../compile-cell.ts';
import { type PlanOptions, planCells } from '../plan.ts';
import type { Cell } from '../result.ts';
import { runCell } from '../run-cell.ts';
import { cellOptions, type RunOptions } from '../run-conformance.ts';
import { anyTwins } from './bundled.ts';

/** What became of a twin. `harmless`: its automata, masks and all, are those of the original. */
export type TwinVerdict = 'caught' | 'harmless' | 'survived';

/** A twin of one cell. */
export interface TwinResult extends Cell {
  readonly twin: string;
  readonly title: string;
  readonly verdict: TwinVerdict;
  /** The rule that the twin names; `null` where the change must make no difference. */
  readonly expected: string | null;
  /** Rules that reported something on the twin and not on the original. */
  readonly caughtBy: readonly string[];
  /** What was expected came true. */
  readonly asExpected: boolean;
  readonly because: string;
}

/**
 * Runs the twins of every selected cell, its own and, for a DAX fault, those that any adapter has. A cell that is not run has no twins.
 *
 * @throws ConformanceError for what {@link planCells} refuses, and whatever keeps an adapter from being explored
 */
export function runTwins(options: PlanOptions & TwinOptions): readonly TwinResult[] {
  return planCells(options).flatMap(({ subject, setting }) => {
    const problem = adapterProblem(setting.fs);
    if (problem !== undefined) throw codedProblem(problem, setting.fs);
    if (subject.requires(setting) !== undefined) return [];
    const twins = [...(subject.groups.includes('dax') ? anyTwins : []), ...subject.twins];
    return twins.flatMap((twin) => runTwin(subject, setting, twin, options) ?? []);
  });
}

type TwinOptions = Pick<RunOptions, 'maxStates' | 'patience'>;

function runTwin(
  subject: ConformanceCase,
  setting: CaseSetting,
  twin: Twin,
  options: TwinOptions,
): TwinResult | undefined {
  if (twin.applies?.(setting) === false) return undefined;
  const fs = twin.mutate(setting);
  if (fs === undefined) return undefined;
  const changed = { ...setting, fs };
  const scenario = twin.scenario ?? ((given) => given);
  const other: ConformanceCase = { ...subject, scenario: (given) => scenario(subject.scenario(given)) };
  const original = compileCell(subject, setting, options.patience);
  // A twin whose model cannot be built is another one.
  const made = systemOf(other, changed, options.patience);
  const same = made !== undefined && systemKey(made) === systemKey(original);
  const before = same ? new Set<string>() : rulesOf(subject, setting, options);
  const after = same ? before : rulesOf(other, changed, options);
  const caughtBy = [...after].filter((rule) => !before.has(rule));
  const verdict: TwinVerdict = same ? 'harmless' : caughtBy.length > 0 ? 'caught' : 'survived';
  return {
    fs: setting.fs.name,
    era: setting.era,
    policy: setting.policy,
    case: subject.id,
    twin: twin.id,
    title: twin.title,
    verdict,
    expected: twin.caughtBy,
    caughtBy,
    asExpected:
      twin.caughtBy === null
        ? same || (twin.survives === true && caughtBy.length === 0)
        : caughtBy.includes(twin.caughtBy),
    because: twin.because,
  };
}

function rulesOf(subject: ConformanceCase, setting: CaseSetting, options: TwinOptions): ReadonlySet<string> {
  const { result } = runCell(subject, setting, cellOptions(options), new Map());
  return new Set(result.findings.map(({ rule }) => rule));
}
