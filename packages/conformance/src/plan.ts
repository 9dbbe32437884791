import { type EraName, eraNames, type Filesystem, type PolicyName, policyNames } from '@faultpath/mm';
import { nameable } from './adapter-error.ts';
import { checkBounds, type LargerBounds, widenCase } from './bounds.ts';
import { type CaseSetting, type ConformanceCase, defineCase } from './case.ts';
import { cases as bundledCases } from './cases/index.ts';
import { ConformanceError } from './errors.ts';
import { ruleIds } from './rules.ts';

/** Which cells to run; an absent filter selects everything. */
export interface Selection {
  readonly fs?: readonly string[];
  readonly era?: readonly string[];
  readonly policy?: readonly string[];
  /** Case ids, or groups. */
  readonly case?: readonly string[];
  readonly rule?: readonly string[];
  /** More of everything than the cases have by themselves. */
  readonly bounds?: LargerBounds;
  /** Only the cells of one of several machines, 1-based. */
  readonly shard?: { readonly index: number; readonly of: number };
}

/** What a plan is made from. */
export interface PlanOptions extends Selection {
  readonly adapters: readonly Filesystem[];
  /** The bundled cases when absent. */
  readonly cases?: readonly ConformanceCase[];
}

/** One cell to run. */
export interface PlannedCell {
  readonly subject: ConformanceCase;
  readonly setting: CaseSetting;
}

/**
 * The cells to run, in a fixed order: filesystem, era, policy, case.
 *
 * @throws ConformanceError `CONFORMANCE_UNKNOWN_VALUE` for a filter value that there is not, `CONFORMANCE_DUPLICATE` for
 * two adapters or cases of one name, `CONFORMANCE_BAD_BOUNDS`, `CONFORMANCE_BAD_CASE`, `CONFORMANCE_BAD_SHARD`, and `CONFORMANCE_NOTHING_SELECTED`
 */
export function planCells(options: PlanOptions): readonly PlannedCell[] {
  const bounds = options.bounds ?? {};
  checkBounds(bounds);
  const cases = (options.cases?.map(defineCase) ?? bundledCases).map((each) => widenCase(each, bounds));
  const adapters = options.adapters.map(nameable);
  const names = adapters.map((fs) => fs.name);
  requireUnique('adapters', names);
  requireUnique(
    'cases',
    cases.map((each) => each.id),
  );
  const groups = [...new Set(cases.flatMap((each) => each.groups))];
  requireKnown('fs', options.fs, names);
  requireKnown('era', options.era, eraNames);
  requireKnown('policy', options.policy, policyNames);
  requireKnown('case', options.case, [...cases.map((each) => each.id), ...groups]);
  requireKnown('rule', options.rule, ruleIds);

  const planned: PlannedCell[] = [];
  for (const fs of adapters) {
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

/**
 * Cells that stay together, in shards and in workers: one case of one filesystem, in every era and policy. There the
 * automata are often identical, and identical ones are explored once.
 */
export function unitsOf(planned: readonly PlannedCell[]): readonly (readonly number[])[] {
  const units = new Map<string, number[]>();
  for (const [index, { subject, setting }] of planned.entries()) {
    const key = `${setting.fs.name}/${subject.id}`;
    const unit = units.get(key);
    if (unit === undefined) units.set(key, [index]);
    else unit.push(index);
  }
  return [...units.values()];
}

function shardOf(planned: readonly PlannedCell[], shard: Selection['shard']): readonly PlannedCell[] {
  if (shard === undefined) return planned;
  const { index, of } = shard;
  if (!Number.isInteger(index) || !Number.isInteger(of) || of < 1 || index < 1 || index > of) {
    throw new ConformanceError('CONFORMANCE_BAD_SHARD', `${index}/${of}`, 'a shard is i/n with 1 ≤ i ≤ n, such as 2/3');
  }
  // With fewer units than machines, cells are dealt out one by one, so that no machine has nothing to do.
  const units = unitsOf(planned);
  const parts = units.length < of ? planned.map((_, at) => [at]) : units;
  const mine = new Set(parts.filter((_, at) => at % of === index - 1).flat());
  return planned.filter((_, at) => mine.has(at));
}

function wanted<T extends string>(names: readonly string[] | undefined, all: readonly T[]): readonly T[] {
  return names === undefined ? all : all.filter((name) => names.includes(name));
}

function requireKnown(option: string, given: readonly string[] | undefined, known: readonly string[]): void {
  const unknown = given?.find((name) => !known.includes(name));
  const why =
    unknown !== undefined ? `there is no '${unknown}'` : given?.length === 0 ? 'an empty list selects nothing' : '';
  if (why !== '') throw new ConformanceError('CONFORMANCE_UNKNOWN_VALUE', option, `${why}; known: ${known.join(', ')}`);
}

function requireUnique(what: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConformanceError('CONFORMANCE_DUPLICATE', what, `'${twice}' is there twice`);
}
