import type { Exploration } from '@faultpath/engine';
import { type FaultpathEvent, type Judgement, type JudgeOptions, startJudgement } from '@faultpath/lockdep';
import { taskPaths } from './task-paths.ts';

/** Judges every step that an exploration took, by the rules that judge recordings too. */
export function judgeModel(exploration: Exploration, options: JudgeOptions): Judgement {
  const judgement = startJudgement({ ...options, closedWorld: true });
  for (const { task, prologue, edges, complete } of taskPaths(exploration)) {
    const feed = (event: unknown, backtrace: readonly string[]): void => {
      for (const each of eventsIn(event)) judgement.onEvent({ ...each, task, backtrace } as unknown as FaultpathEvent);
    };
    for (const passed of prologue) feed(passed.event, passed.backtrace);
    for (const { from, edge } of edges) {
      feed(edge.alternative.event, from.backtrace);
      for (const passed of edge.passed) feed(passed.event, passed.backtrace);
    }
    // A thread that is stuck keeps what it holds; that is the deadlock's story, and no leak.
    if (!complete) judgement.onEvent({ type: 'lost', task });
  }
  return judgement.finish();
}

/** A step may be several events: one thing is given back and another taken. */
export function eventsIn(event: unknown): readonly object[] {
  if (event === undefined) return [];
  return Array.isArray(event) ? (event as readonly object[]) : [event as object];
}
