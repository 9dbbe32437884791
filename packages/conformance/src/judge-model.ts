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
  if (most.findings.length === 0) return most;
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
  const inside = new WeakMap<readonly string[], boolean>();
  const isTold = (backtrace: readonly string[]): boolean => {
    const known = inside.get(backtrace) ?? backtrace.some((fn) => also.functions.has(fn));
    inside.set(backtrace, known);
    return known;
  };
  for (const { task, prologue, edges, complete, startsOver } of taskPaths(exploration, steps)) {
    function* stepped(event: unknown, backtrace: readonly string[]): Generator<FaultpathEvent> {
      const [fn] = backtrace;
      if (event === undefined && fn !== undefined && isTold(backtrace)) yield { type: 'call', fn, task, backtrace };
      for (const each of eventsIn(event)) yield { ...each, task, backtrace } as unknown as FaultpathEvent;
    }
    function* used({ when, does }: Edge, backtrace: readonly string[]): Generator<FaultpathEvent> {
      const uses = [
        ...when.map((guard) => ['read', guard.cell] as const),
        ...does.map((effect) => ['change', effect.cell] as const),
      ];
      for (const [action, cell] of uses) {
        const data = cell.name.slice(cell.name.lastIndexOf('.') + 1);
        if (also.data.has(data)) yield { type: 'data', action, data, instance: cell.name, task, backtrace };
      }
    }
    const each = (passed: Passed): Generator<FaultpathEvent> => stepped(passed.event, passed.backtrace);
    for (const passed of prologue) yield* each(passed);
    for (const [at, { from, edge }] of edges.entries()) {
      const { backtrace } = from;
      const { event } = edge.alternative;
      const taking = eventsIn(event).some((one) => (one as Partial<LockEvent> | undefined)?.action === 'acquired');
      // What a lock protects is used while it is held, also where taking it or giving it back is the same step.
      if (!taking) yield* used(edge, backtrace);
      yield* stepped(event, backtrace);
      if (taking) yield* used(edge, backtrace);
      // What a thread does when it starts over is told where it begins.
      const end = at === edges.length - 1 ? startsOver : undefined;
      for (const passed of edge.passed.slice(0, end)) yield* each(passed);
    }
    // A thread that is stuck keeps what it holds; that is the deadlock's story, and no leak.
    if (!complete) yield { type: 'lost', task };
  }
}

/** A step may be several events: one thing is given back and another taken. */
export function eventsIn(event: unknown): readonly object[] {
  if (event === undefined) return [];
  return Array.isArray(event) ? (event as readonly object[]) : [event as object];
}
