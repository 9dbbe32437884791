import { createStandingFutures } from './futures.ts';
import { type Field, writeField } from './layout.ts';
import { createLook } from './look.ts';
import { createReducer } from './reduce.ts';
import type { CompiledAutomaton, System } from './system.ts';

/** A step that a glide took. */
export interface GlideStep {
  readonly thread: number;
  /** Index of the edge in the thread's automaton. */
  readonly edge: number;
}

/**
 * Fuses steps that commute with everything: where a persistent set is a single transition, the state before it is
 * not stored, and the search goes on behind it.
 */
export interface Glider {
  /** The one step to take from here; undefined where the state has to be stored. Its error step never counts. */
  next(words: Int32Array): GlideStep | undefined;
  /** Takes the step. False, and `words` unchanged, when a cell would leave its domain. */
  take(step: GlideStep, words: Int32Array): boolean;
}

/** Longest glide: a round of such steps would never end. */
export const LONGEST_GLIDE = 200;

/** Makes a glider. Threads that got stuck on the way still are where it ends. */
export function createGlider(system: System): Glider {
  const { automata, automatonOf, layout, apply } = system;
  const look = createLook(system);
  const futures = createStandingFutures(system);
  const reducer = createReducer(system, futures);
  const before = new Int32Array(layout.words);
  return {
    next(words) {
      const { controls, masks, moving } = look(words);
      if (moving === 0) return undefined;
      futures.judge(controls, words);
      const thread = reducer.one(controls, masks, words);
      if (thread < 0) return undefined;
      const automaton = automata[automatonOf[thread] as number] as CompiledAutomaton;
      const offset = 31 - Math.clz32(masks[thread] as number);
      const edge = (automaton.edgeStart[controls[thread] as number] as number) + offset;
      return automaton.edgeError[edge] === 1 ? undefined : { thread, edge };
    },
    take({ thread, edge }, words) {
      const automaton = automata[automatonOf[thread] as number] as CompiledAutomaton;
      before.set(words);
      if (!apply(automaton.edgeAction[edge] as number, words)) {
        words.set(before);
        return false;
      }
      writeField(layout.threads[thread] as Field, words, automaton.edgeTo[edge] as number);
      return true;
    },
  };
}
