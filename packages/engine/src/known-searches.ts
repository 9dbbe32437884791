import { effectKey, guardKey } from './op.ts';
import { type SearchOptions, type SearchResult, search } from './search.ts';
import type { System } from './system.ts';

/** Searches, each of which is made once. */
export interface KnownSearches {
  /** As `search`, or what it answered for a system that it cannot tell from this one. */
  search(system: System, options: SearchOptions): SearchResult;
  /** What was answered for a system that it cannot tell from this one; undefined when nothing was. */
  recall(system: System, options: SearchOptions): SearchResult | undefined;
  /** Keeps what somebody found who searched in another way, and whom nobody stopped. */
  remember(system: System, options: SearchOptions, result: SearchResult): void;
}

/** Stored states of that many bytes are kept; then the oldest go. */
const KEPT_BYTES = 2 ** 28;

/**
 * Remembers searches. A search sees numbers: what a step is called, what event it tells and what an object's name is
 * are read off the automata afterwards, so that models which differ in nothing else have one search.
 */
export function createKnownSearches(keptBytes = KEPT_BYTES): KnownSearches {
  const known = new Map<string, SearchResult>();
  let kept = 0;
  const keep = (key: string, result: SearchResult): void => {
    known.set(key, result);
    kept += result.bytes;
    for (const [oldest, { bytes }] of known) {
      if (kept <= keptBytes) break;
      known.delete(oldest);
      kept -= bytes;
    }
  };
  // What an error says names functions and steps.
  const repeats = ({ resume }: SearchOptions, { errors }: SearchResult): boolean =>
    resume === undefined && errors.length === 0;

  return {
    search(system, options) {
      const key = searchKey(system, options);
      const before = options.resume === undefined ? known.get(key) : undefined;
      if (before !== undefined) return before;
      let stopped = false;
      const { onProgress } = options;
      const result = search(system, {
        ...options,
        ...(onProgress === undefined
          ? {}
          : {
              onProgress: (progress) => {
                stopped = onProgress(progress) === false;
                return !stopped;
              },
            }),
      });
      if (!stopped && repeats(options, result)) keep(key, result);
      return result;
    },
    recall: (system, options) => (options.resume === undefined ? known.get(searchKey(system, options)) : undefined),
    remember(system, options, result) {
      if (repeats(options, result)) keep(searchKey(system, options), result);
    },
  };
}

/** All that a search sees of a system. */
function searchKey(system: System, options: SearchOptions): string {
  const { model, automata, automatonOf, actions } = system;
  const { resume: _, onProgress: __, ...switches } = options;
  return JSON.stringify([
    switches,
    // What may be exchanged is judged by names and events too.
    options.symmetry ? system.automorphisms() : [],
    automatonOf,
    model.threads.map((thread) => thread.daemon === true),
    model.world.cells.map(({ max, init }) => [max, init]),
    actions.map(({ when, does }) => `${when.map(guardKey).join()};${does.map(effectKey).join()}`).join('|'),
    automata.map(({ edgeStart, edgeAction, edgeTo, edgeError, asAtStart, bisimilar }) => [
      edgeStart.join(),
      edgeAction.join(),
      edgeTo.join(),
      edgeError.join(''),
      asAtStart.join(''),
      bisimilar.join(),
    ]),
  ]);
}
