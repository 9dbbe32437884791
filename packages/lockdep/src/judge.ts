import { LockdepError } from './errors.ts';
import type { FaultpathEvent } from './events.ts';
import type { Finding } from './finding.ts';
import type { Knowledge, Rule, RuleRun, RuleSetup, TaskContext } from './rule.ts';
import { shareGraph } from './rules/graph-of.ts';
import { TaskTracker } from './task-tracker.ts';

export interface JudgeOptions extends RuleSetup {
  readonly rules: readonly Rule[];
  /** What the source can tell. A given `lockOrder` adds `lock-order`, and given `contracts` add `lock-contracts`, by themselves. */
  readonly provides: Iterable<Knowledge>;
}

/** A rule that could not judge, and why: never a pass. */
export interface NotRun {
  readonly rule: string;
  readonly why: string;
}

export interface Judgement {
  readonly findings: readonly Finding[];
  readonly notrun: readonly NotRun[];
  /** How many events were judged; with none, every rule is in `notrun`. */
  readonly events: number;
}

/** A judgement that is fed event by event. */
export interface RunningJudgement {
  /** Takes one event. The context is tracked here unless the caller knows it. */
  onEvent(event: FaultpathEvent, context?: TaskContext): void;
  finish(): Judgement;
}

const knowledge: ReadonlySet<string> = new Set<Knowledge>([
  'locks',
  'waits',
  'scopes',
  'requested-mask',
  'effective-mask',
  'mapping-mask',
  'mask-stores',
  'faults',
  'freeze',
  'lock-order',
  'calls',
  'leaves',
  'lock-contracts',
]);

/** Starts every rule whose needs are met. Throws `FAULTPATH_UNKNOWN_RULE_NEED` for a need that no source can meet. */
export function startJudgement(options: JudgeOptions): RunningJudgement {
  const { rules, provides, ...setup } = options;
  const known = new Set<string>(provides);
  if (setup.lockOrder !== undefined && setup.lockOrder.length > 0) known.add('lock-order');
  if (setup.contracts !== undefined && setup.contracts.length > 0) known.add('lock-contracts');
  const runs: { rule: Rule; run: RuleRun }[] = [];
  shareGraph(setup);
  const notrun: NotRun[] = [];
  for (const rule of rules) {
    const strange = rule.needs.find((need) => !knowledge.has(need));
    if (strange !== undefined) {
      throw new LockdepError(
        'FAULTPATH_UNKNOWN_RULE_NEED',
        `rule ${rule.id} needs "${strange}", which no source provides`,
      );
    }
    const missing = rule.needs.filter((need) => !known.has(need));
    if (missing.length > 0) notrun.push({ rule: rule.id, why: `the source does not tell: ${missing.join(', ')}` });
    else runs.push({ rule, run: rule.start(setup) });
  }
  const tracker = new TaskTracker();
  const byType = new Map<FaultpathEvent['type'], RuleRun[]>();
  const listeners = (type: FaultpathEvent['type']): RuleRun[] => {
    const listening = runs.filter(({ run }) => run.types?.includes(type) ?? true).map(({ run }) => run);
    byType.set(type, listening);
    return listening;
  };
  let events = 0;
  return {
    onEvent(event, context) {
      events++;
      const known = context ?? tracker.context(event.task);
      const listening = byType.get(event.type) ?? listeners(event.type);
      for (let at = 0; at < listening.length; at++) listening[at]!.onEvent(event, known);
      if (context === undefined) tracker.apply(event);
    },
    finish() {
      if (events === 0) {
        const silent = runs.map(({ rule }) => ({ rule: rule.id, why: 'the source has no events' }));
        return { findings: [], notrun: [...notrun, ...silent], events };
      }
      return { findings: runs.flatMap(({ run }) => run.finish()), notrun, events };
    },
  };
}

/** Judges a whole source. Memory does not grow with its length, only with what is new in it. */
export async function judge(
  events: Iterable<FaultpathEvent> | AsyncIterable<FaultpathEvent>,
  options: JudgeOptions,
): Promise<Judgement> {
  const judgement = startJudgement(options);
  if (Symbol.asyncIterator in events) for await (const event of events) judgement.onEvent(event);
  else for (const event of events) judgement.onEvent(event);
  return judgement.finish();
}
