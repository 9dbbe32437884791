import { type ActionSet, include } from './actions.ts';
import type { FlatAutomaton, FlatSystem } from './flat-system.ts';
import type { SharedGuard } from './unfold.ts';

/** What each thread may still do from a state on: never too little, and as little as can be told cheaply. */
export interface Futures {
  /** Judges a state. The answer is good until the next call. */
  judge(controls: Int32Array, words: Int32Array): void;
  /** Every action that the thread may still take, from the judged state. */
  of(thread: number): ActionSet;
  /** Per thread: number of its set; equal sets have equal numbers. */
  readonly numbers: Int32Array;
}

/** Futures that depend on nothing but where a thread stands, so that they can be numbered. */
export interface StandingFutures extends Futures {
  /** Above every number. */
  readonly most: number;
}

interface Standing {
  readonly sets: Sets;
  /** Per automaton and control state: number of what it leads to. */
  readonly numbersOf: readonly Int32Array[];
}

/** A search asks several times, and witnesses ask again. */
const standingOf = new WeakMap<FlatSystem, Standing>();

function standingIn(system: FlatSystem): Standing {
  let standing = standingOf.get(system);
  if (standing === undefined) {
    const sets = createSets(system.relations.words);
    standing = { sets, numbersOf: system.automata.map(({ futures }) => Int32Array.from(futures, sets.number)) };
    standingOf.set(system, standing);
  }
  return standing;
}

/** What each control state leads to, whatever the shared cells are. */
export function createStandingFutures(system: FlatSystem): StandingFutures {
  const { sets, numbersOf } = standingIn(system);
  const { automatonOf } = system;
  const numbersOfThread = automatonOf.map((index) => numbersOf[index] as Int32Array);
  const numbers = new Int32Array(automatonOf.length);
  return {
    of: (thread) => sets.at(numbers[thread] as number),
    numbers,
    most: sets.count(),
    judge(controls) {
      for (let t = 0; t < numbers.length; t++)
        numbers[t] = (numbersOfThread[t] as Int32Array)[controls[t] as number] as number;
    },
  };
}

/**
 * Starts from what each control state leads to, and takes away what can never happen again: an action whose guard is
 * false while nothing that anybody may still do makes it true, and all that only comes after such actions. Everything but
 * the guards is told once for each set and numbered, as few sets serve all states.
 */
export function createFutures(system: FlatSystem): Futures {
  const { automata, automatonOf, relations } = system;
  const guards = distinctGuards(system);
  const sets = createSets(relations.words);
  /** Per set of what all may still do: the guards that nothing in it makes true. */
  const unmet: number[][] = [];
  const unions = createTable((all, one) => sets.union(all, one));
  /** Per set of dead actions and guard: with those that ask for it. */
  const deader = createTable((dead, guard) => sets.number(sets.either(dead, (guards[guard] as DistinctGuard).askedBy)));
  /** Per set of dead actions and automaton: number of what each control state leads to without them. */
  const withoutDead: Int32Array[][] = [];
  const numbers = new Int32Array(automatonOf.length);

  const unmetBy = (all: number): readonly number[] => {
    const known = unmet[all];
    if (known !== undefined) return known;
    const set = sets.at(all);
    const fresh = [...guards.keys()].filter((index) => !meets((guards[index] as DistinctGuard).enabledBy, set));
    unmet[all] = fresh;
    return fresh;
  };
  const numbersWithout = (dead: number, index: number): Int32Array => {
    withoutDead[dead] ??= [];
    const known = (withoutDead[dead] as Int32Array[])[index];
    if (known !== undefined) return known;
    const automaton = automata[index] as FlatAutomaton;
    const left = dead === NONE ? automaton.futures : futuresOf(automaton, relations.words, sets.at(dead));
    const fresh = Int32Array.from(left, sets.number);
    (withoutDead[dead] as Int32Array[])[index] = fresh;
    return fresh;
  };

  return {
    of: (thread) => sets.at(numbers[thread] as number),
    numbers,
    judge(controls, words) {
      for (let dead = NONE; ; ) {
        let all = NONE;
        for (let t = 0; t < numbers.length; t++) {
          const number = numbersWithout(dead, automatonOf[t] as number)[controls[t] as number] as number;
          numbers[t] = number;
          all = unions(all, number);
        }
        const before = dead;
        for (const guard of unmetBy(all)) {
          const after = deader(dead, guard);
          if (after !== dead && !system.holds((guards[guard] as DistinctGuard).guard, words)) dead = after;
        }
        if (dead === before) return;
      }
    },
  };
}

interface DistinctGuard {
  readonly guard: SharedGuard;
  readonly enabledBy: ActionSet;
  readonly askedBy: ActionSet;
}

function distinctGuards({ relations: { enables, words }, actions }: FlatSystem): readonly DistinctGuard[] {
  const found = new Map<string, DistinctGuard>();
  for (const action of actions)
    for (const [index, guard] of action.when.entries()) {
      const key = `${guard.cell.id}${guard.is}${guard.value}`;
      let entry = found.get(key);
      if (entry === undefined) {
        entry = { guard, enabledBy: enables[action.id]?.[index] as ActionSet, askedBy: new Uint32Array(words) };
        found.set(key, entry);
      }
      include(entry.askedBy, action.id);
    }
  return [...found.values()];
}

/** Number of the empty set. */
const NONE = 0;

/** Sets by number: equal ones have equal numbers. */
interface Sets {
  at(number: number): ActionSet;
  number(set: ActionSet): number;
  count(): number;
  either(left: number, right: ActionSet): ActionSet;
  union(left: number, right: number): number;
}

function createSets(width: number): Sets {
  /** Numbers of sets by hash. */
  const alike = new Map<number, number[]>();
  const sets: ActionSet[] = [];
  const at = (number: number): ActionSet => sets[number] as ActionSet;
  const number = (set: ActionSet): number => {
    let hash = 0;
    for (let word = 0; word < width; word++) hash = (Math.imul(hash, 0x9e3779b1) ^ (set[word] as number)) | 0;
    let known = alike.get(hash);
    if (known === undefined) {
      known = [];
      alike.set(hash, known);
    }
    for (const each of known) if (same(at(each), set)) return each;
    known.push(sets.length);
    sets.push(set);
    return sets.length - 1;
  };
  const either = (left: number, right: ActionSet): ActionSet =>
    at(left).map((word, index) => (word | (right[index] as number)) >>> 0);
  number(new Uint32Array(width));
  return {
    at,
    number,
    count: () => sets.length,
    either,
    union: (left: number, right: number): number => number(either(left, at(right))),
  };
}

function same(left: ActionSet, right: ActionSet): boolean {
  for (let word = 0; word < left.length; word++) if (left[word] !== right[word]) return false;
  return true;
}

/** A function of two small numbers that is asked for each pair once. */
function createTable(make: (row: number, column: number) => number): (row: number, column: number) => number {
  const rows: (number | undefined)[][] = [];
  return (row, column) => {
    rows[row] ??= [];
    const known = (rows[row] as (number | undefined)[])[column];
    if (known !== undefined) return known;
    const fresh = make(row, column);
    (rows[row] as (number | undefined)[])[column] = fresh;
    return fresh;
  };
}

/**
 * Backwards to a fixed point: what a state may do is what its edges do and what their targets may do. Edges whose
 * action is in `dead` are left out. A passage does nothing, and leads to what is behind it.
 */
export function futuresOf(
  flat: Pick<FlatAutomaton, 'states' | 'edgeStart' | 'edgeAction' | 'edgeTo' | 'passes'>,
  words: number,
  dead?: ActionSet,
): ActionSet[] {
  const count = flat.states;
  const futures = Array.from({ length: count }, () => new Uint32Array(words));
  for (let changed = true; changed; ) {
    changed = false;
    for (let state = count - 1; state >= 0; state--) {
      const future = futures[state] as ActionSet;
      const behind = flat.passes?.[state] ?? -1;
      if (behind >= 0) {
        changed = merge(future, futures[behind] as ActionSet) || changed;
        continue;
      }
      for (let edge = flat.edgeStart[state] as number; edge < (flat.edgeStart[state + 1] as number); edge++) {
        const action = flat.edgeAction[edge] as number;
        if (dead !== undefined && ((dead[action >>> 5] as number) >>> (action & 31)) & 1) continue;
        include(future, action);
        changed = merge(future, futures[flat.edgeTo[edge] as number] as ActionSet) || changed;
      }
    }
  }
  return futures;
}

/** Adds a set to another; true when that has become larger. */
function merge(into: ActionSet, from: ActionSet): boolean {
  let larger = false;
  for (let word = 0; word < into.length; word++) {
    const merged = ((into[word] as number) | (from[word] as number)) >>> 0;
    if (merged === into[word]) continue;
    into[word] = merged;
    larger = true;
  }
  return larger;
}

/** Have two sets an action in common? */
export function meets(left: ActionSet, right: ActionSet): boolean {
  for (let word = 0; word < left.length; word++) if ((left[word] as number) & (right[word] as number)) return true;
  return false;
}
