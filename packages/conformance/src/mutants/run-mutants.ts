import { systemKey } from '@faultpath/engine';
import type { Filesystem } from '@faultpath/mm';
import { adapterProblem } from '../adapter-error.ts';
import type { CaseSetting } from '../case.ts';
import { type PlannedCell, type PlanOptions, planCells } from '../plan.ts';
import { cellName } from '../result.ts';
import { runCell } from '../run-cell.ts';
import { cellOptions } from '../run-conformance.ts';
import { defaultEras, enumerateMutants, type Mutant, type MutantKind } from './enumerate.ts';
import { survey, systemOf } from './survey.ts';

/** What became of a mutant. `equivalent`: in every cell its minimised automata, masks and all, are those of the original. */
export type MutantVerdict = 'killed' | 'equivalent' | 'survived';

/** One mutant and what became of it. */
export interface MutantResult {
  readonly fs: string;
  readonly mutant: string;
  readonly kind: MutantKind;
  readonly title: string;
  readonly verdict: MutantVerdict;
  /** Rules that report on the mutant, and not on the original, in the first cell where one does. */
  readonly killedBy: readonly string[];
  /** That cell. */
  readonly cell?: string;
  /** Cells whose automata differ from the original's. */
  readonly differs: number;
  /** Cells in which a budget was spent before the search of the mutant ended. */
  readonly incomplete: number;
  /** Of a survivor: what would have to be there for a rule to see it. */
  readonly needs?: string;
}

/** How many mutants of which adapter, and what became of them. */
export interface MutantSummary {
  readonly fs: string;
  readonly eras: readonly string[];
  /** Mutants that the adapter has; more than were run where there is a limit. */
  readonly sites: number;
  readonly killed: number;
  readonly equivalent: number;
  readonly survived: number;
  /** Of those that are not equivalent; 1 where there are none. */
  readonly killedShare: number;
}

/** All mutants of all adapters. */
export interface MutantReport {
  readonly mutants: readonly MutantResult[];
  readonly summary: readonly MutantSummary[];
}

/** Which mutants to run, and how far. `shard` is a part of the mutants here, not of the cells. */
export interface MutantOptions extends PlanOptions {
  /** Mutants of each adapter; all when absent. */
  readonly limit?: number;
  /** Which ones, where there are more than `limit`. Default 1. */
  readonly seed?: number;
  /** Stored states per cell. Default 60,000. */
  readonly maxStates?: number;
  readonly onMutant?: (result: MutantResult, done: number, total: number) => void;
}

const STATES = 60_000;

/**
 * Makes mutants of every adapter, and judges each in the cells in which it makes a difference, until a rule reports what it
 * does not report of the original. Without `era` and `policy` every adapter is judged as released, in its newest release
 * and an old one.
 *
 * @throws ConformanceError for what {@link planCells} refuses; FilesystemError for an adapter that cannot be explored
 */
export function runMutants(options: MutantOptions): MutantReport {
  const { shard, ...selected } = options;
  const planned = planCells({ ...selected, policy: options.policy ?? ['as-released'] });
  const jobs = options.adapters.flatMap((fs) => {
    const problem = adapterProblem(fs);
    if (problem !== undefined) throw problem;
    const eras: readonly string[] = options.era ?? defaultEras(fs);
    const cells = planned.filter(
      ({ subject, setting }) =>
        setting.fs === fs &&
        eras.includes(setting.era) &&
        // What two filesystems do to each other is judged by few rules, and costs most.
        (options.case !== undefined || !subject.groups.includes('cross')) &&
        subject.requires(setting) === undefined,
    );
    if (cells.length === 0) return [];
    const sites = enumerateMutants(fs, survey(fs, cells));
    const chosen = sampled(sites, options.limit, options.seed ?? 1);
    const mine = chosen.filter((_, at) => shard === undefined || at % shard.of === shard.index - 1);
    return [{ fs, eras, cells, sites: sites.length, mine }];
  });
  const total = jobs.reduce((sum, { mine }) => sum + mine.length, 0);
  const mutants: MutantResult[] = [];
  for (const { fs, cells, mine } of jobs) {
    const judge = judging(fs, cells, options.maxStates ?? STATES);
    for (const mutant of mine) {
      const result = judge(mutant);
      mutants.push(result);
      options.onMutant?.(result, mutants.length, total);
    }
  }
  return { mutants, summary: jobs.map(({ fs, eras, sites }) => summarise(fs.name, eras, sites, mutants)) };
}

/** Parts of one run as one report, in the order in which it would have come. */
export function mergeMutantReports(parts: readonly MutantReport[]): MutantReport {
  const first = parts[0]?.summary ?? [];
  const mutants = first.flatMap(({ fs }) =>
    parts
      .flatMap((part) => part.mutants.filter((each) => each.fs === fs))
      .sort((left, right) => (left.mutant < right.mutant ? -1 : 1)),
  );
  return { mutants, summary: first.map(({ fs, eras, sites }) => summarise(fs, eras, sites, mutants)) };
}

/** A sample that depends on nothing but the ids and the seed. */
function sampled(all: readonly Mutant[], limit: number | undefined, seed: number): readonly Mutant[] {
  if (limit === undefined || all.length <= limit) return all;
  const rank = new Map(all.map((mutant) => [mutant, hash(`${seed} ${mutant.id}`)]));
  const order = [...all].sort((left, right) => (rank.get(left) ?? 0) - (rank.get(right) ?? 0));
  const chosen = new Set(order.slice(0, limit));
  return all.filter((mutant) => chosen.has(mutant));
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return value;
}

interface Original {
  readonly planned: PlannedCell;
  readonly key: string;
  /** Rules that report on the original. */
  rules?: ReadonlySet<string>;
  states: number;
}

function judging(fs: Filesystem, cells: readonly PlannedCell[], maxStates: number): (mutant: Mutant) => MutantResult {
  const originals = cells.map((planned): Original => ({ planned, key: keyOf(planned, planned.setting), states: 0 }));

  const rulesOf = (planned: PlannedCell, setting: CaseSetting) => {
    const { result } = runCell(planned.subject, setting, cellOptions({ maxStates }), new Map());
    return {
      rules: new Set(result.findings.map(({ rule }) => rule)),
      states: result.states,
      incomplete: result.verdict === 'incomplete',
    };
  };

  return (mutant) => {
    const changed = mutant.mutate(fs);
    const different = originals.filter(
      ({ planned, key }) => keyOf(planned, { ...planned.setting, fs: changed }) !== key,
    );
    let incomplete = 0;
    // Small ones first: one cell in which a rule reports is enough.
    for (const original of [...different].sort((left, right) => left.states - right.states)) {
      const { planned } = original;
      if (original.rules === undefined) {
        const before = rulesOf(planned, planned.setting);
        original.rules = before.rules;
        original.states = before.states;
      }
      const after = rulesOf(planned, { ...planned.setting, fs: changed });
      const killedBy = [...after.rules].filter((rule) => original.rules?.has(rule) !== true);
      if (killedBy.length > 0) {
        const { setting, subject } = planned;
        const cell = cellName({ fs: fs.name, era: setting.era, policy: setting.policy, case: subject.id });
        return { ...told(fs, mutant), verdict: 'killed', killedBy, cell, differs: different.length, incomplete };
      }
      if (after.incomplete) incomplete++;
    }
    const common = { ...told(fs, mutant), killedBy: [], differs: different.length, incomplete };
    if (different.length === 0) return { ...common, verdict: 'equivalent' };
    const needs = incomplete > 0 ? 'a larger budget of states' : whatIsNeeded(mutant);
    return { ...common, verdict: 'survived', needs };
  };
}

function told(
  { name }: Filesystem,
  { id, kind, title }: Mutant,
): Pick<MutantResult, 'fs' | 'mutant' | 'kind' | 'title'> {
  return { fs: name, mutant: id, kind, title };
}

/** What no rule sees is either not said by any contract, or done by no task of any case. */
function whatIsNeeded({ kind }: Mutant): string {
  switch (kind) {
    case 'forget-unlock':
    case 'forget-restore':
      return 'a case in which some task takes this path';
    case 'widen-mask':
    case 'widen-mapping':
      return 'a case in which reclaim, or somebody whom it waits for, wants what is held at the allocation';
    case 'swap':
      return 'a chain of lockOrder with both, or a contract that says what is done under the first';
    case 'release-late':
      return 'a case in which somebody waits for it while what comes after is waited for';
    case 'weaken-lock':
      return 'a contract with `exclusive`, that says what nobody else may see meanwhile';
    default:
      return 'a contract that says what it protects there';
  }
}

/** A mutant whose model cannot be built is another one. */
function keyOf({ subject }: PlannedCell, setting: CaseSetting): string {
  const system = systemOf(subject, setting);
  return system === undefined ? 'none' : systemKey(system);
}

function summarise(
  fs: string,
  eras: readonly string[],
  sites: number,
  results: readonly MutantResult[],
): MutantSummary {
  const count = (verdict: MutantVerdict): number =>
    results.filter((each) => each.fs === fs && each.verdict === verdict).length;
  const [killed, equivalent, survived] = [count('killed'), count('equivalent'), count('survived')];
  return {
    fs,
    eras: [...eras],
    sites,
    killed,
    equivalent,
    survived,
    killedShare: killed + survived === 0 ? 1 : killed / (killed + survived),
  };
}
