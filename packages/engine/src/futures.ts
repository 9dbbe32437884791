import { type ActionSet, include } from './actions.ts';
import type { CompiledAutomaton, System } from './system.ts';
import type { SharedGuard } from './unfold.ts';

/** What each thread may still do from a state on: never too little, and as little as can be told cheaply. */
export interface Futures {
  /** Judges a state. The answer is good until the next call. */
  judge(controls: Int32Array, words: Int32Array): void;
  /** Every action that the thread may still take, from the judged state. */
  of(thread: number): ActionSet;
}

/** Futures that depend on nothing but where a thread stands, so that they can be numbered. */
export interface StandingFutures extends Futures {
  /** Per thread: number of its set, below `most`; equal sets have equal numbers. */
  readonly numbers: Int32Array;
  readonly most: number;
}

/** What each control state leads to, whatever the shared cells are. */
export function createStandingFutures({ automata, automatonOf }: System): StandingFutures {
  const numberBySet = new Map<string, number>();
  const numberOf = automata.map(({ minimal }) => new Int32Array(minimal.states.length).fill(-1));
  const numberOfThread = automatonOf.map((index) => numberOf[index] as Int32Array);
  const standing = new Int32Array(automatonOf.length);
  const numbers = new Int32Array(automatonOf.length);
  const of = (thread: number): ActionSet =>
    automata[automatonOf[thread] as number]?.futures[standing[thread] as number] as ActionSet;
  const intern = (thread: number): number => {
    const key = of(thread).join();
    const number = numberBySet.get(key) ?? numberBySet.size;
    numberBySet.set(key, number);
    return number;
  };
  return {
    of,
    numbers,
    most: automata.reduce((sum, { minimal }) => sum + minimal.states.length, 0),
    judge(controls) {
      for (let t = 0; t < numbers.length; t++) {
        const control = controls[t] as number;
        const known = numberOfThread[t] as Int32Array;
        standing[t] = control;
        if (known[control] === -1) known[control] = intern(t);
        numbers[t] = known[control] as number;
      }
    },
  };
}

/**
 * Starts from what each control state leads to, and takes away what can never happen again: an action whose guard is
 * false while nothing that anybody may still do makes it true, and all that only comes after such actions.
 */
export function createFutures(system: System): Futures {
  const { automata, automatonOf, relations, actions } = system;
  const threads = automatonOf.length;
  const width = relations.words;
  const guards = distinctGuards(system);
  const now: ActionSet[] = automatonOf.map(() => new Uint32Array(width));
  const all = new Uint32Array(width);
  const dead = new Uint32Array(width);
  const tables = automata.map(() => new Map<string, readonly ActionSet[]>());
  const own = automata.map((automaton) => {
    const set = new Uint32Array(width);
    for (const action of automaton.edgeAction) include(set, action);
    return set;
  });

  const without = (index: number): readonly ActionSet[] => {
    const automaton = automata[index] as CompiledAutomaton;
    const mine = own[index] as ActionSet;
    let key = '';
    for (let word = 0; word < width; word++) key += `${(dead[word] as number) & (mine[word] as number)},`;
    const table = tables[index] as Map<string, readonly ActionSet[]>;
    let known = table.get(key);
    if (known === undefined) {
      known = futuresOf(automaton, width, dead);
      table.set(key, known);
    }
    return known;
  };

  const gather = (): void => {
    all.fill(0);
    for (let t = 0; t < threads; t++) {
      const set = now[t] as ActionSet;
      for (let word = 0; word < width; word++) all[word] = ((all[word] as number) | (set[word] as number)) >>> 0;
    }
  };

  return {
    of: (thread) => now[thread] as ActionSet,
    judge(controls, words) {
      for (let t = 0; t < threads; t++)
        now[t] = (automata[automatonOf[t] as number] as CompiledAutomaton).futures[controls[t] as number] as ActionSet;
      dead.fill(0);
      gather();
      for (let grew = true; grew; ) {
        grew = false;
        for (const { guard, enabledBy, askedBy } of guards) {
          if (covers(dead, askedBy) || meets(enabledBy, all) || system.holds(guard, words)) continue;
          for (let word = 0; word < width; word++)
            dead[word] = ((dead[word] as number) | (askedBy[word] as number)) >>> 0;
          grew = true;
        }
        if (!grew || !meets(dead, all)) break;
        for (let t = 0; t < threads; t++) {
          if (!meets(dead, now[t] as ActionSet)) continue;
          now[t] = without(automatonOf[t] as number)[controls[t] as number] as ActionSet;
        }
        gather();
      }
    },
  };

  function distinctGuards({ relations: { enables } }: System) {
    const found = new Map<string, { guard: SharedGuard; enabledBy: ActionSet; askedBy: ActionSet }>();
    for (const action of actions)
      for (const [index, guard] of action.when.entries()) {
        const key = `${guard.cell.id}${guard.is}${guard.value}`;
        let entry = found.get(key);
        if (entry === undefined) {
          entry = { guard, enabledBy: enables[action.id]?.[index] as ActionSet, askedBy: new Uint32Array(width) };
          found.set(key, entry);
        }
        include(entry.askedBy, action.id);
      }
    return [...found.values()];
  }
}

/**
 * Backwards to a fixed point: what a state may do is what its edges do and what their targets may do. Edges whose
 * action is in `dead` are left out.
 */
export function futuresOf(
  flat: Pick<CompiledAutomaton, 'minimal' | 'edgeStart' | 'edgeAction' | 'edgeTo'>,
  words: number,
  dead?: ActionSet,
): ActionSet[] {
  const count = flat.minimal.states.length;
  const futures = Array.from({ length: count }, () => new Uint32Array(words));
  for (let changed = true; changed; ) {
    changed = false;
    for (let state = count - 1; state >= 0; state--) {
      const future = futures[state] as ActionSet;
      for (let edge = flat.edgeStart[state] as number; edge < (flat.edgeStart[state + 1] as number); edge++) {
        const action = flat.edgeAction[edge] as number;
        if (dead !== undefined && ((dead[action >>> 5] as number) >>> (action & 31)) & 1) continue;
        include(future, action);
        const next = futures[flat.edgeTo[edge] as number] as ActionSet;
        for (let word = 0; word < words; word++) {
          const merged = ((future[word] as number) | (next[word] as number)) >>> 0;
          if (merged !== future[word]) {
            future[word] = merged;
            changed = true;
          }
        }
      }
    }
  }
  return futures;
}

/** Have two sets an action in common? */
export function meets(left: ActionSet, right: ActionSet): boolean {
  for (let word = 0; word < left.length; word++) if ((left[word] as number) & (right[word] as number)) return true;
  return false;
}

function covers(larger: ActionSet, smaller: ActionSet): boolean {
  for (let word = 0; word < larger.length; word++)
    if ((smaller[word] as number) & ~(larger[word] as number)) return false;
  return true;
}
