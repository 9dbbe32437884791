import { EngineError } from './errors.ts';
import { conclude, type Exploration, searchOptionsOf } from './explore.ts';
import type { AsyncExploreOptions } from './explore-async.ts';
import { createAhead, type HiredCrew, type Pace } from './parallel/ahead.ts';
import { requireThreads, startThreads } from './parallel/threads.ts';
import { type SearchOptions, type SearchResult, searchSteps } from './search.ts';
import type { System } from './system.ts';

/** Like {@link AsyncExploreOptions}, for a search on several threads. */
export interface ParallelExploreOptions extends AsyncExploreOptions {
  /** Threads that take steps, beside the calling one, which stores what they lead to. Default 2. */
  readonly workers?: number;
  /** States that the calling thread expands by itself before it starts others: most models have fewer. Default 8192. */
  readonly alone?: number;
}

/**
 * Explores a compiled model on several threads. States, transitions, verdicts and witnesses are those of `exploreSystem`,
 * however many threads there are: they take the steps, and what those lead to is stored in the order in which one thread
 * would have come to it. The calling thread is free for others now and then.
 *
 * @throws EngineError `ENGINE_ARGUMENT` for `order: 'dfs'`, for sleep sets, which depend on the order of all steps, and
 * for numbers that are none; `ENGINE_THREADS` where there are no threads, as in a browser or when the engine is run from
 * its TypeScript sources, and when one is lost
 */
export async function exploreParallel(system: System, options: ParallelExploreOptions = {}): Promise<Exploration> {
  const { workers = 2 } = options;
  requireWhole('workers', workers, 1);
  requireThreads();
  return exploreTogether(system, options, (chosen, seen) => startThreads(system, chosen, seen, workers));
}

/** The same with a crew of any kind, which is started when there is enough to do. */
export async function exploreTogether(
  system: System,
  options: ParallelExploreOptions & Partial<Pace>,
  start: (chosen: SearchOptions, seen: Uint8Array) => HiredCrew,
): Promise<Exploration> {
  const { alone = 8192, few = 64 } = options;
  if (system.model.threads.length === 0)
    throw new EngineError('ENGINE_MODEL', system.model.name, 'a model without threads proves nothing');
  requireWhole('alone', alone, 0);
  if (options.order === 'dfs')
    throw new EngineError('ENGINE_ARGUMENT', 'order', 'several threads search breadth first');
  if (options.sleepSets === true)
    throw new EngineError(
      'ENGINE_ARGUMENT',
      'sleepSets',
      'who sleeps depends on the order of all steps: take one thread',
    );
  const chosen = searchOptionsOf(options);
  const before = options.known?.recall(system, chosen);
  if (before !== undefined) return conclude(system, before, options);
  let stopped = false;
  let crew: HiredCrew | undefined;
  const ahead = createAhead(system, chosen, { alone, few }, (seen) => {
    crew ??= start(chosen, seen);
    return crew;
  });
  const { signal } = options;
  const hurry = (): void => crew?.hurry();
  const ended = (): boolean => signal?.aborted === true;
  signal?.addEventListener('abort', hurry);
  let result: SearchResult;
  try {
    const steps = searchSteps(system, chosen, ahead);
    let next = steps.next(true);
    while (next.done !== true) {
      const goes = options.onProgress?.(next.value) !== false && !ended();
      if (goes) await ahead.settled();
      // Messages do not let timers and keys have their turn.
      await new Promise((resolve) => setTimeout(resolve, 0));
      stopped ||= !goes || ended();
      next = steps.next(!stopped);
    }
    result = next.value;
  } finally {
    signal?.removeEventListener('abort', hurry);
    await crew?.end();
  }
  if (!stopped) options.known?.remember(system, chosen, result);
  return conclude(system, result, options);
}

function requireWhole(what: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new EngineError('ENGINE_ARGUMENT', what, `${value} is not a whole number from ${least} on`);
}
