import type { Exploration, LocalState, Passed } from '@faultpath/engine';
import { type FaultpathEvent, type Judgement, type JudgeOptions, startJudgement } from '@faultpath/lockdep';
import { afterEvent, emptyHistory, type TaskHistory } from './task-history.ts';

/** Threads that nobody can tell apart: two of them are enough to show that two tasks can do the same. */
const MOST_TWINS = 2;

/**
 * Judges every step that an exploration took, by the rules that judge recordings too. Each step of each thread is
 * judged once, with the history of one way that leads to it; how threads interleave is the engine's business.
 */
export function judgeModel(exploration: Exploration, options: JudgeOptions): Judgement {
  const judgement = startJudgement({ ...options, closedWorld: true });
  const histories = new Map<LocalState, readonly TaskHistory[]>();

  const feed = (
    before: readonly TaskHistory[],
    event: unknown,
    backtrace: readonly string[],
  ): readonly TaskHistory[] => {
    if (event === undefined) return before;
    return before.map((history) => {
      const full = { ...(event as object), task: history.task, backtrace } as unknown as FaultpathEvent;
      judgement.onEvent(full, history);
      return afterEvent(history, full);
    });
  };
  const feedAll = (before: readonly TaskHistory[], passed: readonly Passed[]): readonly TaskHistory[] =>
    passed.reduce((at, step) => feed(at, step.event, step.backtrace), before);

  for (const { threads, passed, start } of exploration.prologues()) {
    histories.set(start, feedAll(threads.slice(0, MOST_TWINS).map(emptyHistory), passed));
  }
  for (const { from, edge } of exploration.walk()) {
    const before = histories.get(from);
    if (before === undefined) throw new Error('a step was walked before the step that leads to it');
    const after = feedAll(feed(before, edge.alternative.event, from.backtrace), edge.passed);
    if (!histories.has(edge.to)) histories.set(edge.to, after);
  }
  return judgement.finish();
}
