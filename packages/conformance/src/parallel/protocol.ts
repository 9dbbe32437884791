import type { SearchProgress } from '@faultpath/engine';
import type { Filesystem } from '@faultpath/mm';
import { nameable } from '../adapter-error.ts';
import type { ConformanceCase } from '../case.ts';
import type { Selection } from '../plan.ts';
import type { SentOutcome } from './repeated.ts';

/** Marks the data of our own workers: the same file is loaded by many others. */
export const workerMark = 'faultpath/conformance-worker/1';

/** What a worker is started with. Adapters hold functions, so they are named by module and loaded again there. */
export interface WorkerStart {
  readonly mark: typeof workerMark;
  readonly modules: readonly string[];
  readonly selection: Selection;
  readonly maxStates?: number;
  readonly reductions?: boolean;
  /** Threads that share each search with the worker. */
  readonly workers?: number;
  /** One word; not 0 when the run is to end. */
  readonly stop: SharedArrayBuffer;
  /** One word: the number of the cell that the worker is in, from 1 on; 0 between two. */
  readonly at: SharedArrayBuffer;
}

/** Numbers of planned cells to run, in order. */
export interface ToWorker {
  readonly cells: readonly number[];
}

/** What a cell came to. */
export interface SentCell {
  readonly cell: number;
  readonly sent: SentOutcome;
}

/** What a worker tells. */
export type FromWorker =
  | { readonly type: 'ready'; readonly cells: number }
  | { readonly type: 'progress'; readonly cell: number; readonly progress: SearchProgress }
  | { readonly type: 'cells'; readonly cells: readonly SentCell[] }
  | { readonly type: 'idle' };

/** Every adapter that a module exports, by itself or in a list, each once. */
export function adaptersIn(module: Readonly<Record<string, unknown>>): readonly Filesystem[] {
  return [...new Set(Object.values(module).flat().filter(looksLikeAdapter))].map(nameable);
}

/** Cases that a module brings along, in a list of the name `cases`; they run beside the bundled ones. */
export function casesIn(module: Readonly<Record<string, unknown>>): readonly ConformanceCase[] {
  const { cases } = module;
  return Array.isArray(cases) ? (cases as readonly ConformanceCase[]) : [];
}

function looksLikeAdapter(value: unknown): value is Filesystem {
  try {
    return typeof value === 'object' && value !== null && 'interfaceVersion' in value && 'vm_ops' in value;
  } catch {
    // Whoever throws at that is none that can be explored, and is to say so in its own cells.
    return true;
  }
}
