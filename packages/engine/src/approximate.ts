import { EngineError } from './errors.ts';
import { createFutures, createStandingFutures } from './futures.ts';
import { type Field, writeField } from './layout.ts';
import { createLook } from './look.ts';
import { createReducer } from './reduce.ts';
import type { Move } from './schedule.ts';
import { createStuckFinder } from './stuck.ts';
import type { CompiledAutomaton, System } from './system.ts';
import { describeWitness, type Witness } from './witness.ts';

/** How much memory to use, and how. */
export interface ApproximateOptions {
  /**
   * `bitstate`: three bits a state, states may be taken for seen that are new. `compact`: 52 bits of hash a state, far
   * fewer mistakes and far more memory.
   */
  readonly storage: 'bitstate' | 'compact';
  /** Bitstate: bytes of the table, a power of two. Default 64 MiB. */
  readonly bytes?: number;
  /** Longest path. Default 1,000,000. */
  readonly depth?: number;
  /** Take only persistent sets; model errors may then be put off for ever. Off by default. */
  readonly persistentSets?: boolean;
  /** Stop after so many states. Default: never. */
  readonly maxStates?: number;
}

/** What an approximate search found. It can find, and never prove. */
export interface Approximation {
  readonly verdict: 'found' | 'incomplete';
  readonly approximate: 'bitstate' | 'hash compaction';
  /** Different states seen, at least. */
  readonly states: number;
  readonly transitions: number;
  /** Share of the bits that are set; above a tenth, many states were left out. Undefined for hash compaction. */
  readonly fill: number | undefined;
  readonly truncated: boolean;
  readonly witness: Witness | undefined;
}

/** Has the vector been here before? Adds it; may answer yes for one that has not. */
type Seen = (words: Int32Array) => boolean;

/**
 * Searches depth first and stores hashes only: for models that don't fit otherwise. Full deadlocks and model errors
 * are found with the path on the stack as their witness.
 *
 * @throws EngineError `ENGINE_ARGUMENT` for a table that is no power of two
 */
export function exploreApproximately(system: System, options: ApproximateOptions): Approximation {
  const { automata, automatonOf, layout, apply } = system;
  const { depth = 1_000_000, maxStates = Number.POSITIVE_INFINITY } = options;
  const table = options.storage === 'bitstate' ? bitTable(options.bytes ?? 2 ** 26) : undefined;
  const seen = table?.seen ?? hashSet();
  const look = createLook(system);
  const futures = createStandingFutures(system);
  const reducer = options.persistentSets === true ? createReducer(system, futures) : undefined;
  const stuckFinder = createStuckFinder(system, createFutures(system));
  const chosen = new Uint8Array(automatonOf.length).fill(1);
  const path: { readonly words: Int32Array; readonly moves: readonly Step[]; next: number }[] = [];
  let states = 0;
  let transitions = 0;
  let truncated = false;

  interface Step {
    readonly thread: number;
    readonly edge: number;
    readonly alternative: number;
  }

  const of = (thread: number): CompiledAutomaton => automata[automatonOf[thread] as number] as CompiledAutomaton;

  const stepsOf = (words: Int32Array): Step[] | 'stuck' => {
    const { controls, masks, moving, blocked } = look(words);
    if (moving === 0 && blocked > 0 && stuckFinder.find(controls, masks, words).length > 0) return 'stuck';
    if (reducer !== undefined && moving > 0) {
      futures.judge(controls, words);
      reducer.choose(controls, masks, words, chosen);
    }
    const steps: Step[] = [];
    for (const thread of automatonOf.keys()) {
      if (chosen[thread] === 0) continue;
      const control = controls[thread] as number;
      const first = of(thread).edgeStart[control] as number;
      for (const [offset, edge] of (of(thread).minimal.states[control]?.edges ?? []).entries())
        if (((masks[thread] as number) >>> offset) & 1)
          steps.push({ thread, edge: first + offset, alternative: edge.index });
    }
    return steps;
  };

  const finish = (last: Step | undefined, found: boolean): Approximation => {
    const moves = path.flatMap(({ moves: steps, next }): Move[] => {
      const taken = steps[next - 1];
      return taken === undefined ? [] : [{ thread: taken.thread, alternative: taken.alternative }];
    });
    const stuck = found && last === undefined ? stuckNow() : [];
    return {
      verdict: found ? 'found' : 'incomplete',
      approximate: options.storage === 'bitstate' ? 'bitstate' : 'hash compaction',
      states,
      transitions,
      fill: table?.fill(),
      truncated,
      witness: found ? describeWitness(system, moves, stuck) : undefined,
    };
  };

  const stuckNow = (): readonly number[] => {
    const end = path.at(-1)?.words ?? system.initial;
    const { controls, masks } = look(end);
    return stuckFinder.find(controls, masks, end);
  };

  const enter = (words: Int32Array): boolean => {
    if (seen(words)) return false;
    states++;
    const steps = stepsOf(words);
    path.push({ words: words.slice(), moves: steps === 'stuck' ? [] : steps, next: 0 });
    return steps === 'stuck';
  };

  const next = new Int32Array(layout.words);
  if (enter(system.initial)) return finish(undefined, true);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const step = top.moves[top.next++];
    if (step === undefined) {
      path.pop();
      continue;
    }
    transitions++;
    next.set(top.words);
    const automaton = of(step.thread);
    if (!apply(automaton.edgeAction[step.edge] as number, next) || automaton.edgeError[step.edge] === 1)
      return finish(step, true);
    writeField(layout.threads[step.thread] as Field, next, automaton.edgeTo[step.edge] as number);
    if (path.length >= depth) {
      truncated = true;
      continue;
    }
    if (enter(next)) return finish(undefined, true);
    if (states >= maxStates) {
      truncated = true;
      break;
    }
  }
  return finish(undefined, false);
}

function bitTable(bytes: number): { seen: Seen; fill: () => number } {
  if (!Number.isInteger(Math.log2(bytes)) || bytes < 4 || bytes > 2 ** 29)
    throw new EngineError('ENGINE_ARGUMENT', 'bytes', 'the table has a power of two of bytes, from 4 to 2^29');
  const bits = new Int32Array(bytes / 4);
  const mask = bytes * 8 - 1;
  let set = 0;
  return {
    fill: () => set / (bytes * 8),
    seen(words) {
      let known = true;
      const [first, second] = hashes(words);
      for (let index = 0; index < 3; index++) {
        // The mask of a large table has all 32 bits: keep the position unsigned.
        const at = ((first + Math.imul(index, second)) & mask) >>> 0;
        const bit = 1 << (at & 31);
        if (((bits[at >>> 5] as number) & bit) !== 0) continue;
        known = false;
        set++;
        bits[at >>> 5] = (bits[at >>> 5] as number) | bit;
      }
      return known;
    },
  };
}

function hashSet(): Seen {
  const seen = new Set<number>();
  return (words) => {
    const [first, second] = hashes(words);
    const key = (first >>> 0) * 2 ** 20 + (second >>> 12);
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  };
}

function hashes(words: Int32Array): [number, number] {
  let first = 0x2545f491;
  let second = 0x51ed270b;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as number;
    first = Math.imul(first ^ word, 0x9e3779b1);
    first ^= first >>> 15;
    second = Math.imul(second ^ word, 0x85ebca6b);
    second ^= second >>> 13;
  }
  return [Math.imul(first, 0xc2b2ae35) ^ (first >>> 16), Math.imul(second, 0x27d4eb2f) | 1];
}
