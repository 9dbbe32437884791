import type { Action, ActionSet, Relations } from './actions.ts';
import type { Automorphism } from './automorphism.ts';
import { type Field, type Layout, readField } from './layout.ts';
import { guardHolds } from './op.ts';
import type { StepTables } from './step-tables.ts';
import type { SharedGuard } from './unfold.ts';

/** One automaton as numbers: all that a search sees of it. */
export interface FlatAutomaton {
  /** How many control states it has. */
  readonly states: number;
  /** Edges of state `s` are `edgeStart[s]` to `edgeStart[s + 1]`. */
  readonly edgeStart: Int32Array;
  readonly edgeAction: Int32Array;
  readonly edgeTo: Int32Array;
  /** 1 where taking the edge is a model error. */
  readonly edgeError: Uint8Array;
  /** 1 where a daemon that waits is idle. */
  readonly asAtStart: Uint8Array;
  /** Per state, the first one that nobody else can ever tell from it, whatever the thread holds and tells. */
  readonly bisimilar: Int32Array;
  /** Per state, the one behind it for a search that passes at once; see `passages.ts`. */
  readonly passes?: Int32Array;
  /** Per state: every action that the thread may still take. */
  readonly futures: readonly ActionSet[];
  /** First number of this automaton's edges in {@link FlatSystem.edgeCount}. */
  readonly edgeBase: number;
  /** First number of its control states, over all automata. */
  readonly stateBase: number;
}

/** What a search reads of a system: no function of the model, and plain data but for what is made of that. */
export interface FlatSystem extends StepTables {
  readonly automata: readonly FlatAutomaton[];
  /** Automaton of each thread. */
  readonly automatonOf: readonly number[];
  /** Threads that may wait for ever where they started. */
  readonly daemons: readonly boolean[];
  readonly actions: readonly Action[];
  readonly relations: Relations;
  readonly layout: Layout;
  readonly initial: Int32Array;
  /** Per automaton and state, the state behind a passage; -1 for none. */
  readonly passages: readonly Int32Array[];
  readonly holds: (guard: SharedGuard, words: Int32Array) => boolean;
  /** Edges over all automata, numbered through. */
  readonly edgeCount: number;
  /** Groups of two or more threads that nobody can tell apart. */
  readonly symmetric: readonly (readonly number[])[];
  /** Ways to exchange objects, with the threads that work on them, that nobody could notice. Found when asked for. */
  readonly automorphisms: () => readonly Automorphism[];
}

/** So many places of threads there are: control states, over all automata. */
export function placesIn({ automata }: Pick<FlatSystem, 'automata'>): number {
  return automata.reduce((sum, { states }) => sum + states, 0);
}

/** Makes a function that says whether a guard holds in a state. */
export function holdsIn(layout: Layout): (guard: SharedGuard, words: Int32Array) => boolean {
  return ({ cell, is, value }, words) => guardHolds(is, readField(layout.cells[cell.id] as Field, words), value);
}
