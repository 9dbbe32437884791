import { EngineError } from '../errors.ts';
import type { FlatSystem } from '../flat-system.ts';
import type { HiredCrew } from './ahead.ts';
import { type Batch, createMember, type MemberOptions, type Part, type Shared } from './member.ts';
import { packSystem, type SentSystem, unpackSystem } from './sent-system.ts';

/** Asked for by name when it is there: where there are no threads the engine is to be loaded all the same. */
const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads');

/** This file: the threads load it again, whatever it was bundled into. */
const here = typeof __filename === 'string' ? __filename : import.meta.url;

/** Threads run what is built; from TypeScript sources there are none. */
export const canExploreParallel = threads !== undefined && /\.[cm]?js$/.test(here);

/** Marks the data of our own threads: the same file is loaded by many others. */
const mark = 'faultpath/engine-worker/1';

interface Start {
  readonly mark: typeof mark;
  readonly system: SentSystem;
  readonly options: MemberOptions;
  readonly shared: Shared;
}

/** Beyond the pieces of any batch. */
const NO_MORE = 0x3fffffff;

/** @throws EngineError `ENGINE_THREADS` where there are no threads */
export function requireThreads(): typeof import('node:worker_threads') {
  if (threads !== undefined && canExploreParallel) return threads;
  throw new EngineError('ENGINE_THREADS', 'workers', 'there are no worker threads here: explore on one');
}

/**
 * Starts threads.
 *
 * @throws EngineError `ENGINE_THREADS` where there are none
 */
export function startThreads(system: FlatSystem, options: MemberOptions, seen: Uint8Array, size: number): HiredCrew {
  const { Worker } = requireThreads();
  const cursor = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const { order, persistentSets, symmetry, fuse, bisimulation, apart, proviso, partialDeadlocks, stopAtFirst } =
    options;
  const exactFutures = options.exactFutures ?? true;
  const workerData: Start = {
    mark,
    system: packSystem(system, options),
    options: {
      order,
      persistentSets,
      symmetry,
      fuse,
      bisimulation,
      proviso,
      partialDeadlocks,
      stopAtFirst,
      exactFutures,
      ...(apart === undefined ? {} : { apart }),
      ...(options.fuseFrom === undefined ? {} : { fuseFrom: options.fuseFrom }),
    },
    shared: { cursor, seen },
  };
  const members = Array.from(
    { length: size },
    () => new Worker(here.startsWith('file:') ? new URL(here) : here, { workerData }),
  );
  let fail: (error: unknown) => void = () => undefined;
  const lost = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Whoever waits for a part hears of it; when nobody waits, the thread was ended on purpose.
  lost.catch(() => undefined);
  for (const member of members) {
    member.setMaxListeners(0);
    member.on('error', (error) => fail(threadLost(error instanceof Error ? error.message : String(error))));
    member.on('exit', (code) => fail(threadLost(`it ended with code ${code}`)));
  }
  return {
    size,
    expand(batch) {
      Atomics.store(cursor, 0, 0);
      const parts = members.map((member) => {
        const part = new Promise<Part>((resolve) => member.once('message', resolve));
        member.postMessage(batch);
        return Promise.race([part, lost]);
      });
      return Promise.all(parts);
    },
    hurry: () => void Atomics.store(cursor, 0, NO_MORE),
    async end() {
      Atomics.store(cursor, 0, NO_MORE);
      await Promise.all(members.map((member) => member.terminate()));
    },
  };
}

function threadLost(why: string): EngineError {
  return new EngineError('ENGINE_THREADS', 'worker thread', `it was lost: ${why}`);
}

/** Expands what this thread is sent, until it is ended. */
function serve({ system, options, shared }: Start): void {
  const member = createMember(unpackSystem(system), options, shared);
  threads?.parentPort?.on('message', (batch: Batch) => {
    member.begin(batch);
    while (member.step());
    threads.parentPort?.postMessage(member.end());
  });
}

if (threads?.isMainThread === false) {
  const start = threads.workerData as Partial<Start> | null;
  if (start?.mark === mark) serve(start as Start);
}
