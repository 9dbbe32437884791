import { adapterProblem, codedProblem, nameable } from '../adapter-error.ts';
import { type PlanOptions, planCells } from '../plan.ts';
import { defaultEras, enumerateMutants, type Mutant } from './enumerate.ts';
import { judging, type MutantResult, type MutantVerdict } from './judge-mutant.ts';
import { survey } from './survey.ts';

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
  /** Stored states per cell. Default 60,000, and 300,000 for a mutant that no rule sees within those. */
  readonly maxStates?: number;
  /** Milliseconds after which a handler that has not come back is ended, and the run with it. Default 30,000. */
  readonly patience?: number;
  readonly onMutant?: (result: MutantResult, done: number, total: number) => void;
}

/** Most mutants are seen within a small part of a search. */
const BUDGETS = [60_000, 300_000];

/**
 * Makes mutants of every adapter, and judges each in the cells in which it makes a difference, until a rule reports what it
 * does not report of the original. Without `era` and `policy` every adapter is judged as released, in its newest release
 * and an old one.
 *
 * @throws ConformanceError for what {@link planCells} refuses; FilesystemError for an adapter that cannot be explored, or `CONFORMANCE_ADAPTER_HANGS`
 */
export function runMutants(options: MutantOptions): MutantReport {
  const { shard, ...selected } = options;
  const planned = planCells({ ...selected, policy: options.policy ?? ['as-released'] });
  const jobs = options.adapters.map(nameable).flatMap((fs) => {
    const problem = adapterProblem(fs);
    if (problem !== undefined) throw codedProblem(problem, fs);
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
    const sites = enumerateMutants(fs, survey(fs, cells, options.patience));
    const chosen = sampled(sites, options.limit, options.seed ?? 1);
    const mine = chosen.filter((_, at) => shard === undefined || at % shard.of === shard.index - 1);
    return [{ fs, eras, cells, sites: sites.length, mine }];
  });
  const total = jobs.reduce((sum, { mine }) => sum + mine.length, 0);
  const mutants: MutantResult[] = [];
  for (const { fs, cells, mine } of jobs) {
    const judge = judging(fs, cells, options.maxStates === undefined ? BUDGETS : [options.maxStates], options.patience);
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
