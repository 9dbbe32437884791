import { parentPort, workerData } from 'node:worker_threads';
import type { SearchProgress } from '@faultpath/engine';
import { planCells } from '../plan.ts';
import type { Explored } from '../run-cell.ts';
import { runCellTogether } from '../run-cell-together.ts';
import { cellOptions } from '../run-conformance.ts';
import { loadModules } from './load-module.ts';
import { type FromWorker, type SentCell, type ToWorker, type WorkerStart, workerMark } from './protocol.ts';
import { createSender } from './repeated.ts';

/** This thread was started to run cells. */
export function isCellWorker(): boolean {
  return parentPort !== null && (workerData as Partial<WorkerStart> | null)?.mark === workerMark;
}

/** No more often than this is progress told, milliseconds. */
const INTERVAL = 200;

/** Runs the cells it is sent, until the thread is ended. A cell that throws ends the thread: that is a mistake of ours. */
export async function serveCells(): Promise<void> {
  const { modules, selection, maxStates, reductions, workers, stop, at } = workerData as WorkerStart;
  const port = parentPort;
  if (port === null) return;
  const tell = (message: FromWorker): void => port.postMessage(message);
  const stopped = new Int32Array(stop);
  const current = new Int32Array(at);
  const planned = planCells({ ...(await loadModules(modules)), ...selection });
  // Whoever started this thread ends it.
  const options = cellOptions({ rule: selection.rule, maxStates, reductions, patience: Number.POSITIVE_INFINITY });
  const explored: Explored = new Map();
  port.on('message', async ({ cells }: ToWorker) => {
    const send = createSender();
    let waiting: SentCell[] = [];
    // What cells came to is told together, but before anything runs that may keep this thread from telling it.
    const tellWaiting = (): void => {
      if (waiting.length > 0) tell({ type: 'cells', cells: waiting });
      waiting = [];
    };
    for (const cell of cells) {
      const subject = planned[cell];
      if (subject === undefined || Atomics.load(stopped, 0) !== 0) break;
      let told = Date.now();
      Atomics.store(current, 0, cell + 1);
      const onProgress = (progress: SearchProgress): boolean | undefined => {
        if (Date.now() - told >= INTERVAL) {
          told = Date.now();
          tell({ type: 'progress', cell, progress });
        }
        return Atomics.load(stopped, 0) === 0 ? undefined : false;
      };
      const given = { ...options, onProgress, onAdapter: tellWaiting };
      const outcome = await runCellTogether(subject.subject, subject.setting, given, explored, { workers });
      // A run may hold what no message takes: that is its own cell's mistake, and nobody else's.
      const alone = outcome.witness !== undefined;
      if (alone) tellWaiting();
      waiting.push({ cell, sent: send(cell, outcome) });
      if (alone) tellWaiting();
      Atomics.store(current, 0, 0);
    }
    tellWaiting();
    tell({ type: 'idle' });
  });
  tell({ type: 'ready', cells: planned.length });
}
