import { EngineError, parseSchedule, type RunStep, simulate, type ThreadSnapshot } from '@faultpath/engine';
import type { CaseSetting, ConformanceCase } from './case.ts';
import { compileCell } from './compile-cell.ts';

/** A replayed schedule. */
export interface Replay {
  readonly steps: readonly RunStep[];
  /** Steps of the whole schedule, of which `steps` may be the first few. */
  readonly scheduled: number;
  /** Every thread where the schedule ends. */
  readonly threads: readonly ThreadSnapshot[];
  /** Shared cells by name. */
  readonly cells: Readonly<Record<string, number>>;
  /** No thread can move, and some are neither finished nor idle. */
  readonly deadlocked: boolean;
}

/**
 * Plays a schedule on a case. `steps` stops earlier, to look at the state in between; `patience` as for a run, in
 * milliseconds.
 *
 * @throws what {@link compileCell} throws
 * @throws EngineError `ENGINE_SCHEDULE` saying at which step the schedule does not fit, and why; or that it has fewer
 * than `steps` steps
 */
export function replay(
  subject: ConformanceCase,
  setting: CaseSetting,
  schedule: string,
  steps?: number,
  patience?: number,
): Replay {
  const moves = parseSchedule(schedule);
  if (steps !== undefined && !(Number.isInteger(steps) && steps >= 0 && steps <= moves.length))
    throw new EngineError('ENGINE_SCHEDULE', `step ${steps}`, `the schedule has steps 0 to ${moves.length}`);
  const system = compileCell(subject, setting, patience);
  const simulation = simulate(system);
  const taken = moves.slice(0, steps ?? moves.length).map((move) => simulation.step(move));
  const threads = simulation.threads();
  const waiting = threads.filter((thread) => thread.status === 'running' && !thread.enabled);
  const idle = (thread: ThreadSnapshot): boolean =>
    system.model.threads[thread.thread]?.daemon === true && thread.held.length === 0 && thread.backtrace.length <= 1;
  return {
    steps: taken,
    scheduled: moves.length,
    threads,
    cells: simulation.cells(),
    deadlocked: threads.every((thread) => !thread.enabled) && waiting.some((thread) => !idle(thread)),
  };
}
