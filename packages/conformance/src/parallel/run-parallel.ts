import { availableParallelism } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import type { SearchProgress } from '@faultpath/engine';
import { ConformanceError } from '../errors.ts';
import { type PlannedCell, planCells, type Selection, unitsOf } from '../plan.ts';
import { type Cell, type CellOutcome, cellName } from '../result.ts';
import { failedCell } from '../run-cell.ts';
import { type RunOptions, settle } from '../run-conformance.ts';
import { type CellThread, startCellThread } from './cell-thread.ts';
import { loadModules } from './load-module.ts';
import { isCellWorker, serveCells } from './worker.ts';

/** What to run in parallel, and how far. */
export interface ParallelOptions extends Selection, RunOptions {
  /** URLs of modules that export adapters, and `cases` of their own: every thread loads them for itself. */
  readonly modules: readonly string[];
  /** Threads; as many as there are cores when absent. */
  readonly jobs?: number;
  /** Milliseconds without a sign of life after which a thread is ended, and its adapter fails. Default 120,000. */
  readonly patience?: number;
  readonly onProgress?: (cell: Cell, progress: SearchProgress) => void;
}

/** This file: the threads load it again, whatever it was bundled into. */
const here = typeof __filename === 'string' ? __filename : import.meta.url;

/** Threads run what is built; from TypeScript sources there are none. */
export const canRunParallel = /\.[cm]?js$/.test(here);

/**
 * Runs the suite on several threads. Outcomes are those of a run on one, and in the same order; `onCell` is called as
 * cells end. A handler that never comes back fails its adapter, and nobody else.
 *
 * @throws ConformanceError as `runConformance`, and `CONFORMANCE_WORKER_LOST` where a thread cannot even load the adapters
 */
export async function runParallel(options: ParallelOptions): Promise<readonly CellOutcome[]> {
  const { modules, jobs, patience = 120_000, signal, onCell, onProgress, maxStates, reductions } = options;
  const { fs, era, policy, case: ids, rule, bounds, shard } = options;
  const given = { fs, era, policy, case: ids, rule, bounds, shard };
  const selection = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Selection;
  const planned = planCells({ ...(await loadModules(modules)), ...selection });
  const waiting = [...unitsOf(planned)];
  const outcomes = new Map<number, CellOutcome>();
  const hung = new Map<string, string>();
  const stop = new SharedArrayBuffer(4);
  const onAbort = (): void => void Atomics.store(new Int32Array(stop), 0, 1);
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort);

  const finish = (cell: number, outcome: CellOutcome): void => {
    const settled = settle(outcome, options);
    outcomes.set(cell, settled);
    onCell?.(settled, outcomes.size, planned.length);
  };
  const nextUnit = (): readonly number[] | undefined => {
    for (let unit = waiting.shift(); unit !== undefined && signal?.aborted !== true; unit = waiting.shift()) {
      const open = unit.filter((cell) => !outcomes.has(cell));
      const where = hung.get(planned[open[0] ?? -1]?.setting.fs.name ?? '');
      if (where === undefined && open.length > 0) return open;
      for (const cell of open) finish(cell, hangs(planned[cell] as PlannedCell, where ?? ''));
    }
    return undefined;
  };

  const most = Math.max(1, jobs ?? availableParallelism());
  const threads = Math.min(most, waiting.length);
  // With fewer units than threads, those that are left over help with the searches.
  const workers = Math.floor(most / threads);

  const work = async (): Promise<void> => {
    for (let unit = nextUnit(); unit !== undefined; ) {
      const thread: CellThread = startCellThread(here, patience, {
        modules,
        selection,
        stop,
        ...(maxStates === undefined ? {} : { maxStates }),
        ...(reductions === undefined ? {} : { reductions }),
        ...(workers < 2 ? {} : { workers }),
      });
      try {
        for (; unit !== undefined; unit = nextUnit())
          await thread.run(unit, finish, (cell, progress) => onProgress?.(nameOf(planned[cell]), progress));
      } catch (error) {
        const cell = thread.cell();
        const lost = planned[cell ?? -1];
        if (cell === undefined || lost === undefined) throw error;
        // One cell of this unit has an answer now; the rest goes to a new thread, or to nobody if it hangs there.
        if (error instanceof ConformanceError && error.code === 'CONFORMANCE_ADAPTER_HANGS')
          hung.set(lost.setting.fs.name, cellName(nameOf(lost)));
        finish(cell, failedCell(lost.subject, lost.setting, error));
        if (unit !== undefined) waiting.unshift(unit);
        unit = nextUnit();
      } finally {
        await thread.end();
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: threads }, work));
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
  return asOneRun(planned.flatMap((_, cell) => outcomes.get(cell) ?? []));
}

/** Which cell was explored and which took its answer depends on the threads: as in one run, the first one explores. */
function asOneRun(outcomes: readonly CellOutcome[]): readonly CellOutcome[] {
  const first = new Map<string, string>();
  return outcomes.map((outcome) => {
    const { sameAs: _, ...result } = outcome.result;
    if (result.system === undefined) return { ...outcome, result };
    const known = first.get(result.system);
    if (known === undefined) first.set(result.system, cellName(result));
    return { ...outcome, result: known === undefined ? result : { ...result, sameAs: known } };
  });
}

function nameOf(planned: PlannedCell | undefined): Cell {
  if (planned === undefined) throw new Error('a thread told of a cell that was not planned');
  const { subject, setting } = planned;
  return { fs: setting.fs.name, era: setting.era, policy: setting.policy, case: subject.id };
}

function hangs({ subject, setting }: PlannedCell, where: string): CellOutcome {
  const why = `not tried: it did not come back from ${where}`;
  return failedCell(subject, setting, new ConformanceError('CONFORMANCE_ADAPTER_HANGS', setting.fs.name, why));
}

if (!isMainThread && isCellWorker()) void serveCells();
