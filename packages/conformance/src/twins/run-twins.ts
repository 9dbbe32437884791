import { compileSystem, systemKey } from '@faultpath/engine';
import { buildFaultModel } from '@faultpath/mm';
import type { CaseSetting, ConformanceCase, Twin } from '../case.ts';
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
 * @throws ConformanceError for what {@link planCells} refuses
 */
export function runTwins(options: PlanOptions & Pick<RunOptions, 'maxStates'>): readonly TwinResult[] {
  return planCells(options).flatMap(({ subject, setting }) =>
    subject.requires(setting) === undefined
      ? [...(subject.groups.includes('dax') ? anyTwins : []), ...subject.twins].flatMap(
          (twin) => runTwin(subject, setting, twin, options.maxStates) ?? [],
        )
      : [],
  );
}

function runTwin(
  subject: ConformanceCase,
  setting: CaseSetting,
  twin: Twin,
  maxStates: number | undefined,
): TwinResult | undefined {
  if (twin.applies?.(setting) === false) return undefined;
  const fs = twin.mutate(setting);
  if (fs === undefined) return undefined;
  const changed = { ...setting, fs };
  const scenario = twin.scenario ?? ((given) => given);
  const other: ConformanceCase = { ...subject, scenario: (given) => scenario(subject.scenario(given)) };
  const same = keyOf(subject, setting) === keyOf(other, changed);
  const before = same ? new Set<string>() : rulesOf(subject, setting, maxStates);
  const after = same ? before : rulesOf(other, changed, maxStates);
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

function rulesOf(subject: ConformanceCase, setting: CaseSetting, maxStates: number | undefined): ReadonlySet<string> {
  const { result } = runCell(subject, setting, cellOptions({ maxStates }), new Map());
  return new Set(result.findings.map(({ rule }) => rule));
}

/** A twin whose model cannot be built is another one. */
function keyOf(subject: ConformanceCase, setting: CaseSetting): string {
  try {
    return systemKey(compileSystem(buildFaultModel(subject.scenario(setting))));
  } catch (error) {
    return String(error);
  }
}
