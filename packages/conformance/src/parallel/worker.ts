import { parentPort, workerData } from 'node:worker_threads';
import type { SearchProgress } from '@faultpath/engine';
import { planCells } from '../plan.ts';
import type { Explored } from '../run-cell.ts';
import { runCellTogether } from '../run-cell-together.ts';
import { cellOptions } from '../run-conformance.ts';
import { loadModules } from './load-module.ts';
import { type FromWorker, type ToWorker, type WorkerStart, workerMark } from './protocol.ts';
import { createSender } from './repeated.ts';

/** This thread was started to run cells. */
export function isCellWorker(): boolean {
  return parentPort !== null && (workerData as Partial<WorkerStart> | null)?.mark === workerMark;
}

/** No more often than this is progress told, milliseconds. */
const INTERVAL = 200;

/** Runs the cells it is sent, until the thread is ended. A cell that throws ends the thread: that is a mistake of ours. */
export async function serveCells(): Promise<void> {
  const { modules, selection, maxStates, reductions, workers, stop } = workerData as WorkerStart;
  const port = parentPort;
  if (port === null) return;
  const tell = (message: FromWorker): void => port.postMessage(message);
  const stopped = new Int32Array(stop);
  const planned = planCells({ ...(await loadModules(modules)), ...selection });
  // Whoever started this thread ends it.
  const options = cellOptions({ rule: selection.rule, maxStates, reductions, patience: Number.POSITIVE_INFINITY });
  const explored: Explored = new Map();
  port.on('message', async ({ cells }: ToWorker) => {
    const send = createSender();
    for (const cell of cells) {
      const subject = planned[cell];
      if (subject === undefined || Atomics.load(stopped, 0) !== 0) break;
      tell({ type: 'begin', cell });
      let told = Date.now();
      const onProgress = (progress: SearchProgress): boolean | undefined => {
        if (Date.now() - told >= INTERVAL) {
          told = Date.now();
          tell({ type: 'progress', cell, progress });
        }
        return Atomics.load(stopped, 0) === 0 ? undefined : false;
      };
      const given = { ...options, onProgress };
      const outcome = await runCellTogether(subject.subject, subject.setting, given, explored, { workers });
      tell({ type: 'cell', cell, sent: send(cell, outcome) });
    }
    tell({ type: 'idle' });
  });
  tell({ type: 'ready', cells: planned.length });
}
