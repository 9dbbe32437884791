import { type Field, readField, writeField } from './layout.ts';
import type { Move } from './schedule.ts';
import { createStuckFinder } from './stuck.ts';
import type { CompiledAutomaton, System } from './system.ts';

/** A run on the minimised automata, in the packed form of the search: quick, and without backtraces. */
export interface PackedRun {
  /** Takes a move if it is possible. */
  take(move: Move): boolean;
  /** Threads that nothing can free any more. */
  stuck(): readonly number[];
  readonly words: Int32Array;
  control(thread: number): number;
  /** Every move that is possible now. */
  moves(): readonly Move[];
  /** Action of a move in the current state. */
  action(move: Move): number;
}

/** Starts a packed run. */
export function packedRun(system: System): PackedRun {
  const words = system.initial.slice();
  const stuckFinder = createStuckFinder(system);
  const of = (thread: number): CompiledAutomaton =>
    system.automata[system.automatonOf[thread] as number] as CompiledAutomaton;
  const field = (thread: number): Field => system.layout.threads[thread] as Field;
  const control = (thread: number): number => readField(field(thread), words);

  const edgeOf = (move: Move): number => {
    if (system.automatonOf[move.thread] === undefined) return -1;
    const automaton = of(move.thread);
    const state = control(move.thread);
    const offset = automaton.minimal.states[state]?.edges.findIndex((edge) => edge.index === move.alternative) ?? -1;
    return offset < 0 ? -1 : (automaton.edgeStart[state] as number) + offset;
  };

  const moves = (): Move[] => {
    const possible: Move[] = [];
    for (let thread = 0; thread < system.automatonOf.length; thread++) {
      const automaton = of(thread);
      const state = control(thread);
      const first = automaton.edgeStart[state] as number;
      for (const [offset, edge] of (automaton.minimal.states[state]?.edges ?? []).entries()) {
        if (system.enabled(automaton.edgeAction[first + offset] as number, words))
          possible.push({ thread, alternative: edge.index });
      }
    }
    return possible;
  };

  return {
    words,
    control,
    moves,
    action: (move) => of(move.thread).edgeAction[edgeOf(move)] as number,
    take(move) {
      const edge = edgeOf(move);
      if (edge < 0) return false;
      const automaton = of(move.thread);
      const action = automaton.edgeAction[edge] as number;
      if (automaton.edgeError[edge] === 1 || !system.enabled(action, words)) return false;
      const before = words.slice();
      if (!system.apply(action, words)) {
        words.set(before);
        return false;
      }
      writeField(field(move.thread), words, automaton.edgeTo[edge] as number);
      return true;
    },
    stuck() {
      const controls = Int32Array.from(system.automatonOf, (_, thread) => control(thread));
      const masks = new Int32Array(controls.length);
      for (const move of moves()) masks[move.thread] = 1;
      return stuckFinder.find(controls, masks, words);
    },
  };
}
