import { EngineError } from './errors.ts';
import { packedRun } from './run.ts';
import type { Move } from './schedule.ts';
import type { System } from './system.ts';
import { describeWitness, shorten, type Witness } from './witness.ts';

/** How to sample schedules. */
export interface SampleOptions {
  readonly seed: number;
  /** Runs to make. */
  readonly runs: number;
  /** Orderings of two steps that a bug may need to go wrong; see {@link Sampling.guarantee}. Default 3. */
  readonly depth?: number;
  /** Steps after which a run ends. Default 1000. */
  readonly steps?: number;
}

/** What random schedules showed. */
export interface Sampling {
  /** Never `proved`: schedules were sampled, not exhausted. */
  readonly verdict: 'found' | 'incomplete';
  readonly runs: number;
  /** Steps of the longest run. */
  readonly longest: number;
  /** Runs that were cut off. */
  readonly cut: number;
  /** A run that ends with threads stuck or in a model error. */
  readonly witness: Witness | undefined;
  /**
   * Least probability that one run meets a given bug of the given depth, for the outcomes that a run happened to
   * choose: 1 / (threads · stepsᵈᵉᵖᵗʰ⁻¹).
   */
  readonly guarantee: number;
}

/**
 * Runs random schedules by priority: threads get random priorities, the first that can moves, and at `depth - 1`
 * random steps the running thread becomes the last. Choices inside a thread are made evenly.
 *
 * @throws EngineError `ENGINE_ARGUMENT` for no runs, or a depth below 1
 */
export function sample(system: System, options: SampleOptions): Sampling {
  const { seed, runs, depth = 3, steps = 1000 } = options;
  if (!(runs >= 1 && depth >= 1 && steps >= 1))
    throw new EngineError('ENGINE_ARGUMENT', 'sample', 'runs, depth and steps are at least 1');
  const random = generator(seed);
  const threads = system.automatonOf.length;
  let longest = 1;
  let cut = 0;
  for (let made = 1; made <= runs; made++) {
    const { moves, ended, stuck } = oneRun(system, random, depth, steps, longest);
    longest = Math.max(longest, moves.length);
    if (!ended) cut++;
    if (stuck === undefined) continue;
    const short = stuck.length === 0 ? moves : shorten(system, moves, stuck);
    return answer(made, describeWitness(system, short, stuck));
  }
  return answer(runs, undefined);

  function answer(made: number, witness: Witness | undefined): Sampling {
    return {
      verdict: witness === undefined ? 'incomplete' : 'found',
      runs: made,
      longest,
      cut,
      witness,
      guarantee: 1 / (threads * longest ** (depth - 1)),
    };
  }
}

interface Run {
  readonly moves: Move[];
  readonly ended: boolean;
  /** Threads that are stuck at the end; none of them where the last move is a model error. */
  readonly stuck: readonly number[] | undefined;
}

function oneRun(system: System, random: () => number, depth: number, steps: number, expected: number): Run {
  const run = packedRun(system);
  const moves: Move[] = [];
  const order = system.automatonOf.map((_, thread) => ({ thread, priority: 1 + random() }));
  const changes = new Set(Array.from({ length: depth - 1 }, () => Math.floor(random() * expected)));
  let lowest = 0;
  while (moves.length < steps) {
    const possible = run.moves();
    const stuck = run.stuck();
    if (stuck.length > 0) return { moves, ended: true, stuck };
    if (possible.length === 0) return { moves, ended: true, stuck: undefined };
    order.sort((left, right) => right.priority - left.priority);
    const next = order.find(({ thread }) => possible.some((move) => move.thread === thread));
    const choices = possible.filter((move) => move.thread === next?.thread);
    const move = choices[Math.floor(random() * choices.length)] as Move;
    moves.push(move);
    if (!run.take(move)) return { moves, ended: true, stuck: [] };
    if (changes.has(moves.length) && next !== undefined) next.priority = --lowest;
  }
  return { moves, ended: false, stuck: undefined };
}

/** Numbers from 0 to 1, the same for the same seed (xorshift over 32 bits). */
function generator(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
