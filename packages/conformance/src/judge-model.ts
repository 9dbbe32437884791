import type { Exploration } from '@faultpath/engine';
import { type FaultpathEvent, type Judgement, type JudgeOptions, startJudgement } from '@faultpath/lockdep';
import { taskPaths } from './task-paths.ts';

/** Judges every step that an exploration took, by the rules that judge recordings too. */
export function judgeModel(exploration: Exploration, options: JudgeOptions): Judgement {
  const judgement = startJudgement({ ...options, closedWorld: true });
  for (const event of modelEvents(exploration)) judgement.onEvent(event);
  return judgement.finish();
}

/** The events of every step that an exploration took, task by task along ways through its automaton. */
export function* modelEvents(exploration: Exploration): Generator<FaultpathEvent> {
  for (const { task, prologue, edges, complete } of taskPaths(exploration)) {
    function* told(event: unknown, backtrace: readonly string[]): Generator<FaultpathEvent> {
      for (const each of eventsIn(event)) yield { ...each, task, backtrace } as unknown as FaultpathEvent;
    }
    for (const passed of prologue) yield* told(passed.event, passed.backtrace);
    for (const { from, edge } of edges) {
      yield* told(edge.alternative.event, from.backtrace);
      for (const passed of edge.passed) yield* told(passed.event, passed.backtrace);
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
