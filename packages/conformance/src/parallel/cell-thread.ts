import { Worker } from 'node:worker_threads';
import type { SearchProgress } from '@faultpath/engine';
import { ConformanceError } from '../errors.ts';
import type { CellOutcome } from '../result.ts';
import { type FromWorker, type ToWorker, type WorkerStart, workerMark } from './protocol.ts';
import { createReceiver } from './repeated.ts';

/** A thread that runs cells. */
export interface CellThread {
  /** Runs cells in order; ends early when the run is stopped. Rejects when the thread is lost, or says nothing for too long. */
  run(
    cells: readonly number[],
    onCell: (cell: number, outcome: CellOutcome) => void,
    onProgress: (cell: number, progress: SearchProgress) => void,
  ): Promise<void>;
  /** The cell it is in. */
  cell(): number | undefined;
  end(): Promise<void>;
}

/** Starts a thread from a built file. */
export function startCellThread(file: string, patience: number, start: Omit<WorkerStart, 'mark' | 'at'>): CellThread {
  const at = new SharedArrayBuffer(4);
  const workerData: WorkerStart = { mark: workerMark, ...start, at };
  const worker = new Worker(file.startsWith('file:') ? new URL(file) : file, {
    workerData,
    // Models are many small objects that are gone after their cell: they need not live long enough to be moved.
    resourceLimits: { maxYoungGenerationSizeMb: 192 },
  });
  const current = new Int32Array(at);
  let heard = Date.now();
  let listener: (message: FromWorker) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const lost = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Whoever waits for a result hears of it; when nobody waits, the thread was ended on purpose.
  lost.catch(() => undefined);
  const ready = new Promise<void>((resolve) => {
    listener = (message) => {
      if (message.type === 'ready') resolve();
    };
  });
  worker.on('message', (message: FromWorker) => {
    heard = Date.now();
    listener(message);
  });
  worker.on('error', (error) => fail(threadLost(error instanceof Error ? error.message : String(error))));
  worker.on('exit', (code) => fail(threadLost(`it ended with code ${code}`)));
  const watch = setInterval(
    () => {
      if (Date.now() - heard < patience) return;
      const seconds = Math.round(patience / 1000);
      const why = `a handler gave no sign of life for ${seconds} s: it goes round without a yield`;
      fail(new ConformanceError('CONFORMANCE_ADAPTER_HANGS', 'adapter', why));
    },
    Math.min(1000, patience),
  );

  return {
    cell() {
      const number = Atomics.load(current, 0);
      return number === 0 ? undefined : number - 1;
    },
    async run(cells, onCell, onProgress) {
      await Promise.race([ready, lost]);
      const receive = createReceiver();
      const done = new Promise<void>((resolve) => {
        listener = (message) => {
          if (message.type === 'cells') {
            for (const { cell, sent } of message.cells) onCell(cell, receive(cell, sent));
          } else if (message.type === 'progress') onProgress(message.cell, message.progress);
          else if (message.type === 'idle') resolve();
        };
      });
      heard = Date.now();
      worker.postMessage({ cells } satisfies ToWorker);
      await Promise.race([done, lost]);
    },
    async end() {
      clearInterval(watch);
      await worker.terminate();
    },
  };
}

function threadLost(why: string): ConformanceError {
  return new ConformanceError('CONFORMANCE_WORKER_LOST', 'worker thread', why);
}
