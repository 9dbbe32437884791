import type { ActionSet } from './actions.ts';
import type { FlatAutomaton, FlatSystem } from './flat-system.ts';
import { type Field, readField } from './layout.ts';
import { createNumberList } from './store.ts';

/** One bit per thread, and the sign stays out of it. */
const MOST_THREADS = 31;

/**
 * Sleep sets (Godefroid): a thread whose steps were taken first from an earlier state sleeps until somebody does
 * something that its next steps depend on, as what follows them has been seen the other way round. They are stored with
 * the states; a state that is met again with fewer sleepers takes the steps of those that woke up.
 */
export interface Sleep {
  /** Threads of `asleep` that still sleep after an action; `words` is the state before or after it. */
  after(asleep: number, action: number, words: Int32Array): number;
  /** Sleepers of a stored state. */
  of(id: number): number;
  /** A new state is stored. */
  store(asleep: number): void;
  /** A stored state is met again: it is visited once more if threads that slept when it was expanded have woken up. */
  meet(id: number, asleep: number): void;
  /** The state is expanded with its present sleepers. */
  expanded(id: number): void;
  /** A state to visit again, and the threads whose steps it has to take. */
  next(): Awake | undefined;
  /** All of it, for a search that goes on later. */
  saved(): SavedSleep;
}

/** A state whose sleepers have woken up: their steps are still to be taken. */
export interface Awake {
  readonly id: number;
  readonly awake: number;
}

/** Sleep sets as plain data. */
export interface SavedSleep {
  /** One bit per thread, per stored state. */
  readonly sleepers: Int32Array;
  /** 1 for each state that was expanded. */
  readonly visited: Uint8Array;
  readonly wakes: readonly Awake[];
}

/** Makes the sleep sets of a search, or those that were saved; undefined for more threads than fit. */
export function createSleep(
  { automata, automatonOf, layout, relations }: FlatSystem,
  before?: SavedSleep,
): Sleep | undefined {
  if (automatonOf.length > MOST_THREADS) return undefined;
  const sleepers = createNumberList();
  const visited = createNumberList();
  for (const asleep of before?.sleepers ?? []) sleepers.push(asleep);
  for (const expanded of before?.visited ?? []) visited.push(expanded);
  const wakes: Awake[] = [...(before?.wakes ?? [])];
  const table: (ActionSet | undefined)[][] = automata.map(() => []);

  /** Everything that the next steps of a thread depend on, taken now or later. */
  const disturb = (index: number, control: number): ActionSet => {
    const known = table[index]?.[control];
    if (known !== undefined) return known;
    const set = new Uint32Array(relations.words);
    const { edgeStart, edgeAction } = automata[index] as FlatAutomaton;
    for (let edge = edgeStart[control] as number; edge < (edgeStart[control + 1] as number); edge++) {
      const action = edgeAction[edge] as number;
      for (const each of [relations.conflicts[action] as ActionSet, ...(relations.enables[action] ?? [])])
        for (let word = 0; word < set.length; word++)
          set[word] = ((set[word] as number) | (each[word] as number)) >>> 0;
    }
    (table[index] as (ActionSet | undefined)[])[control] = set;
    return set;
  };

  return {
    after(asleep, action, words) {
      let left = asleep;
      for (let rest = asleep; rest !== 0; rest &= rest - 1) {
        const thread = 31 - Math.clz32(rest & -rest);
        const set = disturb(automatonOf[thread] as number, readField(layout.threads[thread] as Field, words));
        if (((set[action >>> 5] as number) >>> (action & 31)) & 1) left &= ~(1 << thread);
      }
      return left;
    },
    of: (id) => sleepers.at(id),
    store(asleep) {
      sleepers.push(asleep);
      visited.push(0);
    },
    meet(id, asleep) {
      const before = sleepers.at(id);
      const both = before & asleep;
      if (both === before) return;
      sleepers.set(id, both);
      if (visited.at(id) === 1) wakes.push({ id, awake: before & ~both });
    },
    expanded: (id) => visited.set(id, 1),
    next: () => wakes.pop(),
    saved: () => ({
      sleepers: Int32Array.from({ length: sleepers.length }, (_, id) => sleepers.at(id)),
      visited: Uint8Array.from({ length: visited.length }, (_, id) => visited.at(id)),
      wakes: [...wakes],
    }),
  };
}
