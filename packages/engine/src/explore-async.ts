import { EngineError } from './errors.ts';
import { conclude, type Exploration, type ExploreOptions, searchOptionsOf } from './explore.ts';
import { searchSteps } from './search.ts';
import type { System } from './system.ts';

/** Like {@link ExploreOptions}, for a search that lets others run. */
export interface AsyncExploreOptions extends ExploreOptions {
  /** When it fires, the search ends with the answer so far: found, or incomplete, never proved. */
  readonly signal?: AbortSignal;
}

/**
 * Explores a compiled model and gives way every few thousand states, so that a timer, a key or a signal can end it.
 * The answer does not depend on who else runs.
 */
export async function exploreAsync(system: System, options: AsyncExploreOptions = {}): Promise<Exploration> {
  if (system.model.threads.length === 0)
    throw new EngineError('ENGINE_MODEL', system.model.name, 'a model without threads proves nothing');
  const steps = searchSteps(system, searchOptionsOf(options));
  let next = steps.next(!(options.signal?.aborted ?? false));
  while (next.done !== true) {
    const wanted = options.onProgress?.(next.value) !== false;
    await new Promise((resolve) => setTimeout(resolve, 0));
    next = steps.next(wanted && options.signal?.aborted !== true);
  }
  return conclude(system, next.value, options);
}
