import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ConformanceError } from '../errors.ts';
import { loadModules } from '../parallel/load-module.ts';
import { planCells } from '../plan.ts';
import type { MutantResult } from './judge-mutant.ts';
import { type MutantOptions, type MutantReport, mergeMutantReports, runMutants } from './run-mutants.ts';

/** Mutants of adapters that threads load for themselves. */
export interface ParallelMutantOptions extends Omit<MutantOptions, 'adapters' | 'cases'> {
  /** URLs of modules that export adapters, and `cases` of their own. */
  readonly modules: readonly string[];
  /** Threads; as many as there are cores when absent. */
  readonly jobs?: number;
}

const mark = 'faultpath/mutant-worker/1';

type ToWorker = Omit<ParallelMutantOptions, 'onMutant' | 'jobs'> & { readonly mark: typeof mark };

type FromWorker =
  | { readonly type: 'mutant'; readonly result: MutantResult; readonly done: number; readonly total: number }
  | { readonly type: 'report'; readonly report: MutantReport }
  | { readonly type: 'failed'; readonly why: string };

/** This file: the threads load it again, whatever it was bundled into. */
const here = typeof __filename === 'string' ? __filename : import.meta.url;

/**
 * As {@link runMutants}, on several threads: each has its share of every adapter's mutants. Needs a built package, see
 * `canRunParallel`.
 *
 * @throws ConformanceError as `runMutants`, and `CONFORMANCE_WORKER_LOST`
 */
export async function runMutantsParallel(options: ParallelMutantOptions): Promise<MutantReport> {
  const { onMutant, jobs, shard = { index: 1, of: 1 }, ...given } = options;
  const loaded = await loadModules(given.modules);
  // What is refused is refused here, with its own code.
  planCells({ ...given, ...loaded });
  const threads = Math.max(1, jobs ?? availableParallelism());
  const places: { done: number; total: number }[] = [];
  const parts = Array.from({ length: threads }, (_, thread) => {
    const start: ToWorker = {
      ...given,
      mark,
      shard: { index: shard.index + thread * shard.of, of: shard.of * threads },
    };
    return reportOf(start, ({ result, done, total }) => {
      places[thread] = { done, total };
      const sum = (of: 'done' | 'total'): number => places.reduce((all, each) => all + (each?.[of] ?? 0), 0);
      onMutant?.(result, sum('done'), sum('total'));
    });
  });
  return mergeMutantReports(await Promise.all(parts));
}

function reportOf(start: ToWorker, onMutant: (told: FromWorker & { type: 'mutant' }) => void): Promise<MutantReport> {
  const worker = new Worker(here.startsWith('file:') ? new URL(here) : here, { workerData: start });
  return new Promise<MutantReport>((resolve, reject) => {
    const lost = (why: string): void => reject(new ConformanceError('CONFORMANCE_WORKER_LOST', 'a thread', why));
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'mutant') onMutant(message);
      else if (message.type === 'report') resolve(message.report);
      else lost(message.why);
    });
    worker.on('error', (error) => lost(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => lost(`it ended with code ${code}`));
  }).finally(() => worker.terminate());
}

async function serveMutants(): Promise<void> {
  const { modules, mark: _, ...options } = workerData as ToWorker;
  const tell = (message: FromWorker): void => parentPort?.postMessage(message);
  try {
    const report = runMutants({
      ...options,
      ...(await loadModules(modules)),
      onMutant: (result, done, total) => tell({ type: 'mutant', result, done, total }),
    });
    tell({ type: 'report', report });
  } catch (error) {
    tell({ type: 'failed', why: error instanceof Error ? error.message : String(error) });
  }
}

if (!isMainThread && (workerData as Partial<ToWorker> | null)?.mark === mark) void serveMutants();
