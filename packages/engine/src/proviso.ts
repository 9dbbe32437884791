import { createNumberList } from './store.ts';

/**
 * The cycle proviso: from every state there is to be a way to one that is expanded in full (Valmari's condition S for
 * safety), so that no thread is put off for ever. Each state keeps one step of such a way. When nothing is left to
 * expand, the ways that go round are found, and one state of each round has to be expanded further; then the search goes
 * on. Which states are expanded further depends on the graph alone, so nothing is widened just because two orders of
 * the same steps meet.
 */
export interface Proviso {
  /** The state has a step to another one. */
  leads(id: number, target: number): void;
  /** Of the state nothing is left out: it is expanded in full, or an end. */
  settle(id: number): void;
  /** When all `count` states are expanded: one state of each round that nothing leads out of. None: the proviso holds. */
  rounds(count: number): readonly number[];
  /** Does the target lead to something else than the round that `id` was named for? */
  leadsAway(id: number, target: number): boolean;
  /** All of it, for a search that goes on later: which rounds are found depends on the ways that are kept. */
  saved(): SavedProviso;
}

/** The bookkeeping as plain data. */
export interface SavedProviso {
  readonly ways: Int32Array;
  readonly marks: Uint8Array;
  readonly followed: number;
  readonly named: readonly number[];
}

const FRESH = 0;
const ON_PATH = 1;
const NAMED = 2;
const SETTLED = 3;

/** Makes the bookkeeping of one search, or goes on with what was saved. */
export function createProviso(before?: SavedProviso): Proviso {
  const ways = createNumberList();
  const marks = createNumberList();
  /** States below this one have been followed; each leads to one that is settled or was named. */
  let followed = before?.followed ?? 0;
  let named: number[] = [...(before?.named ?? [])];
  for (const way of before?.ways ?? []) ways.push(way);
  for (const mark of before?.marks ?? []) marks.push(mark);

  const reach = (id: number): void => {
    while (ways.length <= id) {
      ways.push(-1);
      marks.push(FRESH);
    }
  };

  /** Where the way of a state ends: one that is settled, or named; with the states on it. */
  const follow = (id: number): void => {
    const path: number[] = [];
    let at = id;
    while (marks.at(at) === FRESH) {
      path.push(at);
      marks.set(at, ON_PATH);
      const way = ways.at(at);
      if (way < 0) break;
      at = way;
    }
    let end = at;
    if (marks.at(at) === ON_PATH) {
      end = Math.max(...path.slice(path.indexOf(at)));
      named.push(end);
    }
    const settled = marks.at(end) === SETTLED;
    for (const each of path) {
      marks.set(each, settled ? SETTLED : FRESH);
      if (each !== end) ways.set(each, end);
    }
    if (!settled) marks.set(end, NAMED);
  };

  return {
    leads(id, target) {
      reach(Math.max(id, target));
      ways.set(id, target);
    },
    settle(id) {
      reach(id);
      marks.set(id, SETTLED);
    },
    rounds(count) {
      reach(count - 1);
      const before = named;
      named = [];
      for (const id of before) if (marks.at(id) === NAMED) marks.set(id, FRESH);
      for (const id of before) follow(id);
      for (; followed < count; followed++) follow(followed);
      return named;
    },
    leadsAway(id, target) {
      reach(target);
      let at = target;
      while (marks.at(at) === FRESH && ways.at(at) >= 0) at = ways.at(at);
      return at !== id;
    },
    saved: () => ({
      ways: Int32Array.from({ length: ways.length }, (_, id) => ways.at(id)),
      marks: Uint8Array.from({ length: marks.length }, (_, id) => marks.at(id)),
      followed,
      named: [...named],
    }),
  };
}
