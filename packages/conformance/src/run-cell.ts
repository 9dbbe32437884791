import { createHash } from 'node:crypto';
import {
  compileSystem,
  type Exploration,
  type ExploreOptions,
  exploreSystem,
  type KnownSearches,
  type Model,
  type SearchProgress,
  type System,
  systemKey,
} from '@faultpath/engine';
import type { Finding, LockContract, Rule, WitnessAnswer } from '@faultpath/lockdep';
import { type FaultCase, isCounterfactual, type TaskSpec } from '@faultpath/mm';
import { adapterError, adapterProblem } from './adapter-error.ts';
import type { CaseSetting, ConformanceCase, Examination } from './case.ts';
import { contractsOf } from './contracts.ts';
import { deadlockFinding, modelErrorFinding } from './deadlock-finding.ts';
import { judgeModel } from './judge-model.ts';
import { PATIENCE, withPatience } from './patience.ts';
import { policyReaders } from './policy-readers.ts';
import { type CellOutcome, type CellResult, cellName, type Verdict } from './result.ts';
import { lockOrderOf, modelKnowledge } from './rules.ts';

/** Budgets and hooks of one cell. */
export interface CellOptions {
  readonly rules: readonly Rule[];
  readonly maxStates: number;
  /** Milliseconds that learning may take before the adapter counts as hanging; {@link PATIENCE} when absent. */
  readonly patience?: number;
  /** Switch reductions off to compare; verdicts never depend on them. */
  readonly reductions?: boolean;
  /** Searches that other cells made. */
  readonly searches?: KnownSearches;
  readonly onProgress?: (progress: SearchProgress) => boolean | undefined;
  /** Called before code of the adapter runs, which may never come back. */
  readonly onAdapter?: () => void;
}

/** A cell that fails is explored a little further, so that rules see more than the way to the first deadlock. */
const STATES_AFTER_FINDING = 10_000;

/** Spent on a shorter witness; the shortest of every bundled case lies well within. */
const WITNESS_STATES = 30_000;

/** Explorations that were made before, by what nobody can tell apart. */
export type Explored = Map<string, CellOutcome>;

/** An exploration that a cell needs. */
export interface WantedExploration {
  readonly system: System;
  readonly options: ExploreOptions;
}

/** Runs one case as one setting. Throws only for mistakes of the caller; an adapter's own error is a `fail`. */
export function runCell(
  subject: ConformanceCase,
  setting: CaseSetting,
  options: CellOptions,
  explored: Explored,
): CellOutcome {
  const steps = cellSteps(subject, setting, options, explored);
  let next = steps.next();
  while (next.done !== true) next = answerOf(steps, next.value);
  return next.value;
}

/** A model that cannot be explored is a finding of its adapter, which is told inside. */
function answerOf(
  steps: ReturnType<typeof cellSteps>,
  { system, options }: WantedExploration,
): IteratorResult<WantedExploration, CellOutcome> {
  let exploration: Exploration;
  try {
    exploration = exploreSystem(system, options);
  } catch (error) {
    return steps.throw(error);
  }
  return steps.next(exploration);
}

/** The same for whoever explores in another way: yields what is to be explored, if anything is, and is given the answer. */
export function* cellSteps(
  subject: ConformanceCase,
  setting: CaseSetting,
  options: CellOptions,
  explored: Explored,
): Generator<WantedExploration, CellOutcome, Exploration> {
  const base = baseOf(subject, setting);
  const problem = adapterProblem(setting.fs);
  if (problem !== undefined) return failedCell(subject, setting, problem);
  const { patience = PATIENCE } = options;
  const patiently = <T>(body: () => T): T => {
    options.onAdapter?.();
    return withPatience(base, setting.fs, patience, body);
  };
  try {
    const missing = subject.requires(setting);
    if (missing !== undefined) return { result: { ...base, verdict: 'notrun', reason: missing }, threads: [] };
    const { examine } = subject;
    if (examine !== undefined)
      return examined(
        base,
        patiently(() => examine(setting)),
      );
    // Once for all of it: whoever is to be ended needs a thread that watches, which costs more than a small model.
    const made = patiently(() => {
      const scenario = subject.scenario(setting);
      const readers = policyReaders(explored, subject, setting, scenario);
      const alike = readers.alike();
      if (alike !== undefined) return { alike };
      const built = readers.build();
      return { bounds: boundsOf(scenario, built.model), system: compileSystem(built.model), built, readers };
    });
    if (made.alike !== undefined) return answeredBy(made.alike, { ...base, bounds: made.alike.result.bounds });
    const outcome = yield* judge(subject, setting, { ...base, bounds: made.bounds }, made.system, options, explored);
    made.readers.remember(made.built, made.system, outcome);
    return outcome;
  } catch (error) {
    return failedCell(subject, setting, error);
  }
}

/** A case that looked at its adapter in its own way. */
function examined(base: CellResult, { findings, ...rest }: Examination): CellOutcome {
  const verdict: Verdict = findings.some((finding) => finding.level === 'error') ? 'fail' : 'pass';
  return { result: { ...base, ...rest, findings, verdict, exhausted: true }, threads: [] };
}

/** A cell whose adapter cannot be explored; the other adapters' results stay. */
export function failedCell(subject: ConformanceCase, setting: CaseSetting, error: unknown): CellOutcome {
  const findings = [adapterError(error, setting.fs)];
  return { result: { ...baseOf(subject, setting), verdict: 'fail', findings }, threads: [] };
}

function baseOf(subject: ConformanceCase, { fs, era, policy }: CaseSetting): CellResult {
  return {
    fs: fs.name,
    era,
    policy,
    case: subject.id,
    title: subject.title,
    level: subject.level,
    counterfactual: isCounterfactual(era, policy),
    verdict: 'fail',
    states: 0,
    transitions: 0,
    exhausted: false,
    bounds: {},
    ...(subject.larger === undefined ? {} : { larger: subject.larger }),
    findings: [],
    notes: [],
  };
}

function boundsOf(scenario: FaultCase, model: Model): Readonly<Record<string, number>> {
  const { tasks } = scenario;
  const file = (task: TaskSpec): string =>
    'inode' in task || 'fs' in task ? `${task.fs ?? ''}/${'inode' in task ? (task.inode ?? 0) : 0}` : '/0';
  const faults = tasks.filter((task) => task.kind === 'read-fault' || task.kind === 'write-fault');
  return {
    tasks: tasks.length,
    threads: model.threads.length,
    inodes: new Set(faults.map(file)).size,
    pages: new Set(faults.map((task) => `${file(task)}/${'page' in task ? (task.page ?? 0) : 0}`)).size,
    truncates: new Set(tasks.filter(({ kind }) => kind === 'truncate').map(file)).size,
    victims: scenario.victims?.length ?? 0,
  };
}

function answeredBy(known: CellOutcome, base: CellResult): CellOutcome {
  const { findings, notes, states, transitions, exhausted, verdict, reason, system } = known.result;
  const shared = { findings, notes, states, transitions, exhausted, verdict, system, reason };
  const answer = Object.fromEntries(Object.entries(shared).filter(([, value]) => value !== undefined));
  return { ...known, result: { ...base, ...answer, sameAs: known.result.sameAs ?? cellName(known.result) } };
}

function* judge(
  subject: ConformanceCase,
  setting: CaseSetting,
  given: CellResult,
  system: System,
  options: CellOptions,
  explored: Explored,
): Generator<WantedExploration, CellOutcome, Exploration> {
  const key = identityOf(system, subject.rules, setting);
  const base = { ...given, system: key };
  const known = explored.get(key);
  if (known !== undefined) return answeredBy(known, base);
  const exploration = yield { system, options: exploreOptions(options) };
  const outcome = conclude(subject, setting, base, exploration, options);
  explored.set(key, outcome);
  return outcome;
}

function exploreOptions(options: CellOptions): ExploreOptions {
  const reduced = options.reductions ?? true;
  return {
    all: true,
    maxStates: options.maxStates,
    maxStatesAfterFinding: Math.min(options.maxStates, STATES_AFTER_FINDING),
    witnessStates: WITNESS_STATES,
    // Twice the search again, and in no bundled cell has it found what was not seen when it formed.
    exactPartialDeadlocks: false,
    persistentSets: reduced,
    symmetry: reduced,
    bisimulation: reduced,
    ...(options.searches === undefined ? {} : { known: options.searches }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  };
}

function conclude(
  subject: ConformanceCase,
  setting: CaseSetting,
  base: CellResult,
  exploration: Exploration,
  options: CellOptions,
): CellOutcome {
  const first = exploration.deadlocks[0];
  const stuck = first === undefined ? [] : [deadlockFinding(first)];
  const broken = exploration.errors.map(modelErrorFinding);
  const bounds = Object.entries(base.bounds)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
  const rules = options.rules.filter((rule) => subject.rules.includes(rule.id));
  const judged = judgeModel(exploration, {
    rules,
    provides: modelKnowledge,
    lockOrder: lockOrderOf(setting.fs),
    contracts: contractsOf(setting),
    feasibility: { witness: () => answer(stuck[0], exploration, bounds) },
  });
  const isNote = (finding: Finding): boolean =>
    finding.level === 'error' && finding.feasibility?.verdict === 'infeasible';
  const findings = [...stuck, ...broken, ...judged.findings.filter((finding) => !isNote(finding))];
  const notes = [
    ...judged.findings
      .filter(isNote)
      .map((finding) => `${finding.rule}: ${finding.claim} (infeasible: ${whyNot(finding)})`),
    ...(failedEarly(exploration)
      ? [`explored no further than ${exploration.states} states after the first finding`]
      : []),
    ...judged.notrun.map(({ rule, why }) => `${rule}: not run: ${why}`),
  ];
  const failed = findings.some((finding) => finding.level === 'error');
  const verdict: Verdict = failed ? 'fail' : exploration.exhausted ? 'pass' : 'incomplete';
  const witness = first?.witness ?? exploration.errors[0]?.witness;
  return {
    result: {
      ...base,
      verdict,
      states: exploration.states,
      transitions: exploration.transitions,
      exhausted: exploration.exhausted,
      findings,
      notes,
      ...(verdict === 'incomplete' ? { reason: `the budget of ${options.maxStates} states was spent first` } : {}),
    },
    ...(witness === undefined ? {} : { witness }),
    threads: exploration.system.model.threads.map((thread) => thread.name),
  };
}

/** What decides an exploration and its judgement, as one short text. */
function identityOf(system: System, rules: readonly string[], setting: CaseSetting): string {
  const text = `${systemKey(system)}\n${rules.join()}\n${declared(setting)}`;
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

const declaredIn = new WeakMap<readonly LockContract[], string>();

/** What an adapter declares that rules hold its model against, as text. */
function declared(setting: CaseSetting): string {
  const contracts = contractsOf(setting);
  const text = declaredIn.get(contracts) ?? JSON.stringify([setting.fs.lockOrder, contracts]);
  declaredIn.set(contracts, text);
  return text;
}

function failedEarly(exploration: Exploration): boolean {
  return !exploration.exhausted && exploration.deadlocks.length + exploration.errors.length > 0;
}

function whyNot(finding: Finding): string {
  return finding.feasibility?.verdict === 'infeasible' ? finding.feasibility.why : '';
}

/** What exploration says about a class cycle: a deadlock was found, or none exists within the bounds. */
function answer(deadlock: Finding | undefined, exploration: Exploration, bounds: string): WitnessAnswer | undefined {
  if (deadlock?.schedule !== undefined) return { found: true, schedule: deadlock.schedule };
  return { found: false, exhausted: exploration.exhausted, bounds };
}
