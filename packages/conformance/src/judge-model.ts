import type { Edge, Exploration, Passed } from '@faultpath/engine';
import {
  type FaultpathEvent,
  type Judgement,
  type JudgeOptions,
  type LockContract,
  type LockEvent,
  startJudgement,
} from '@faultpath/lockdep';
import { type Steps, taskPaths } from './task-paths.ts';

/**
 * Judges every step that an exploration took, by the rules that judge recordings too. Where no rule minds the steps that
 * may have been taken, or all that it minds is certain, which they were exactly need not be found out.
 */
export function judgeModel(exploration: Exploration, options: JudgeOptions): Judgement {
  const judge = (steps: Steps): Judgement => {
    const judgement = startJudgement({ ...options, closedWorld: true });
    for (const event of modelEvents(exploration, told(options.contracts ?? []), steps)) judgement.onEvent(event);
    return judgement.finish();
  };
  const most = judge('mayWalk');
  if (most.findings.length === 0 || !exploration.leavesOpen()) return most;
  const least = judge('sureWalk');
  return claims(least) === claims(most) ? least : judge('walk');
}

function claims({ findings }: Judgement): string {
  return findings
    .map(({ rule, level, claim }) => `${rule} ${level} ${claim}`)
    .sort()
    .join('\n');
}

/** What is told of steps that are no event by themselves. */
interface Told {
  /** Functions whose every step is told. */
  readonly functions: ReadonlySet<string>;
  /** Kinds of data whose changes are told. */
  readonly data: ReadonlySet<string>;
}

const nothing: Told = { functions: new Set(), data: new Set() };

function told(contracts: readonly LockContract[]): Told {
  return {
    functions: new Set(contracts.flatMap((each) => (each.data === undefined ? (each.in ?? []).slice(-1) : []))),
    data: new Set(contracts.flatMap((each) => each.data ?? [])),
  };
}

/** The events of every step that an exploration took, task by task along ways through its automaton. */
export function* modelEvents(
  exploration: Exploration,
  also: Told = nothing,
  steps: Steps = 'walk',
): Generator<FaultpathEvent> {
  let now = '';
  let tell = teller(now, also);
  for (const { task, prologue, edges, complete, startsOver } of taskPaths(exploration, steps)) {
    if (task !== now) {
      now = task;
      tell = teller(task, also);
    }
    yield* tell.passing(prologue);
    const last = edges.length - 1;
    for (const [at, { from, edge }] of edges.entries()) {
      // What a thread does when it starts over is told where it begins.
      if (at === last && startsOver !== undefined) {
        yield* tell.taking(edge, from.backtrace);
        yield* tell.passing(edge.passed.slice(0, startsOver));
      } else yield* tell.step(edge, from.backtrace);
    }
    // A thread that is stuck keeps what it holds; that is the deadlock's story, and no leak.
    if (!complete) yield { type: 'lost', task };
  }
}

/** Tells of the steps of one task. */
interface Teller {
  passing(passed: readonly Passed[]): readonly FaultpathEvent[];
  taking(edge: Edge, backtrace: readonly string[]): readonly FaultpathEvent[];
  /** Both: many ways begin alike, and the same step has the same events each time. */
  step(edge: Edge, backtrace: readonly string[]): readonly FaultpathEvent[];
}

function teller(task: string, also: Told): Teller {
  const inside = new WeakMap<readonly string[], boolean>();
  const isTold = (backtrace: readonly string[]): boolean => {
    const known = inside.get(backtrace) ?? backtrace.some((fn) => also.functions.has(fn));
    inside.set(backtrace, known);
    return known;
  };
  const add = (to: FaultpathEvent[], event: unknown, backtrace: readonly string[]): void => {
    if (event === undefined) {
      const [fn] = backtrace;
      if (fn !== undefined && isTold(backtrace)) to.push({ type: 'call', fn, task, backtrace });
    }
    for (const each of eventsIn(event)) to.push({ ...each, task, backtrace } as unknown as FaultpathEvent);
  };
  const use = (to: FaultpathEvent[], { when, does }: Edge, backtrace: readonly string[]): void => {
    if (also.data.size === 0) return;
    const used = (action: 'read' | 'change', name: string): void => {
      const data = name.slice(name.lastIndexOf('.') + 1);
      if (also.data.has(data)) to.push({ type: 'data', action, data, instance: name, task, backtrace });
    };
    for (const { cell } of when) used('read', cell.name);
    for (const { cell } of does) used('change', cell.name);
  };
  const taking = (edge: Edge, backtrace: readonly string[]): FaultpathEvent[] => {
    const told: FaultpathEvent[] = [];
    const { event } = edge.alternative;
    const acquires = eventsIn(event).some((one) => (one as Partial<LockEvent> | undefined)?.action === 'acquired');
    // What a lock protects is used while it is held, also where taking it or giving it back is the same step.
    if (!acquires) use(told, edge, backtrace);
    add(told, event, backtrace);
    if (acquires) use(told, edge, backtrace);
    return told;
  };
  const passing = (passed: readonly Passed[]): FaultpathEvent[] => {
    const told: FaultpathEvent[] = [];
    for (const { event, backtrace } of passed) add(told, event, backtrace);
    return told;
  };
  const steps = new Map<Edge, readonly FaultpathEvent[]>();
  return {
    passing,
    taking,
    step(edge, backtrace) {
      let told = steps.get(edge);
      if (told === undefined) {
        told = [...taking(edge, backtrace), ...passing(edge.passed)];
        steps.set(edge, told);
      }
      return told;
    },
  };
}

/** A step may be several events: one thing is given back and another taken. */
export function eventsIn(event: unknown): readonly object[] {
  if (event === undefined) return [];
  return Array.isArray(event) ? (event as readonly object[]) : [event as object];
}
