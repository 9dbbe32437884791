import type { Action } from '../actions.ts';
import type { MinimalEdge, MinimalState } from '../minimise.ts';
import { guardHolds } from '../op.ts';
import type { CompiledAutomaton, System } from '../system.ts';
import type { SharedEffect } from '../unfold.ts';

/** A transition as every format needs it. */
export interface ExportedEdge {
  readonly action: Action;
  readonly to: number;
  readonly op: string;
  readonly edge: MinimalEdge;
}

/** The edges of a state. */
export function edgesOf(system: System, automaton: CompiledAutomaton, state: MinimalState): readonly ExportedEdge[] {
  const first = automaton.edgeStart[state.id] as number;
  return state.edges.map((edge, offset) => ({
    action: system.actions[automaton.edgeAction[first + offset] as number] as Action,
    to: edge.to,
    op: state.example.op?.name ?? '',
    edge,
  }));
}

/** Indexes of the threads that have an automaton. */
export function threadsOf(system: System, automaton: number): readonly number[] {
  return system.automatonOf.flatMap((index, thread) => (index === automaton ? [thread] : []));
}

/** May a thread rest in this state for ever: it is done, or a daemon at its start? */
export function mayRest(system: System, automaton: number, state: MinimalState): boolean {
  if (state.edges.length === 0) return true;
  return (
    state.asAtStart && threadsOf(system, automaton).some((thread) => system.model.threads[thread]?.daemon === true)
  );
}

/** Can the effect take its cell out of its domain? Judged by the guards on that cell and the effects before. */
export function mayLeaveDomain(action: Action, effect: SharedEffect): boolean {
  if ('set' in effect) return false;
  const earlier = action.does.slice(0, action.does.indexOf(effect));
  if ('from' in effect || earlier.some((other) => other.cell === effect.cell)) return true;
  for (let value = 0; value <= effect.cell.max; value++) {
    const possible = action.when.every(
      (guard) => guard.cell !== effect.cell || guardHolds(guard.is, value, guard.value),
    );
    const after = value + effect.add;
    if (possible && (after < 0 || after > effect.cell.max)) return true;
  }
  return false;
}
