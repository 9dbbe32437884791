import type { FlatSystem } from './flat-system.ts';
import { createFutures, createStandingFutures } from './futures.ts';
import { createLook } from './look.ts';
import type { SearchOptions } from './search-options.ts';
import type { NumberList, StateStore } from './store.ts';
import { createStuckFinder, type StuckFinder } from './stuck.ts';

/** A stored state some of whose threads nothing can free. */
export interface StuckState {
  readonly state: number;
  readonly threads: readonly number[];
  /** Nothing moves any more. */
  readonly wholly: boolean;
}

type StuckOptions = Pick<SearchOptions, 'exactFutures' | 'order' | 'partialDeadlocks' | 'stopAtFirst'>;

/** One state of so many shows soon enough that there is something to find. */
const STRIDE = 4;

/**
 * Are stuck threads looked for when all is explored? Who is stuck stays so: only a search that is to end at the first
 * finding has to look in every state on its way.
 */
export function looksLater({ order, partialDeadlocks, stopAtFirst }: StuckOptions): boolean {
  return order === 'bfs' && partialDeadlocks && !stopAtFirst;
}

/** Are stuck threads looked for when this state is expanded, while others go on? */
export function looksNow(id: number, options: StuckOptions): boolean {
  return options.partialDeadlocks && (!looksLater(options) || id % STRIDE === 0);
}

/** Makes the finder that these options ask for. What can never happen again costs much to tell, but stuck threads show by it. */
export function stuckFinderOf(
  system: FlatSystem,
  { exactFutures = true }: Pick<SearchOptions, 'exactFutures'>,
): StuckFinder {
  return createStuckFinder(system, exactFutures ? createFutures(system) : createStandingFutures(system));
}

/**
 * Every expanded state with stuck threads, in ascending order. Where a state leads to one in which nobody is stuck, nobody
 * is stuck in it: following one step of each tells nearly all of them.
 */
export function stuckStates(
  system: FlatSystem,
  options: StuckOptions,
  { store, leadsTo, expanded }: { readonly store: StateStore; readonly leadsTo: NumberList; readonly expanded: number },
): readonly StuckState[] {
  const look = createLook(system);
  const finder = stuckFinderOf(system, options);
  const words = new Int32Array(system.layout.words);
  const free = new Uint8Array(expanded);
  const met = new Uint8Array(expanded);
  const found: StuckState[] = [];

  const isFree = (state: number): boolean => {
    store.read(state, words);
    const { controls, masks, blocked, moving } = look(words);
    const threads = blocked === 0 ? [] : finder.find(controls, masks, words);
    if (threads.length > 0) found.push({ state, threads, wholly: moving === 0 });
    return threads.length === 0;
  };

  for (let first = 0; first < expanded; first++) {
    const path: number[] = [];
    let at = first;
    for (; at >= 0 && at < expanded && met[at] === 0; at = leadsTo.at(at)) {
      met[at] = 1;
      path.push(at);
    }
    let leadsFree = at >= 0 && at < expanded && free[at] === 1;
    for (const each of path.reverse()) {
      leadsFree ||= isFree(each);
      if (leadsFree) free[each] = 1;
    }
  }
  return found.toSorted((left, right) => left.state - right.state);
}
