import { effectKey, guardKey, holdKey, opKey } from './op.ts';
import type { Automaton, Edge, LocalState, Passed, SharedEffect, SharedGuard } from './unfold.ts';
import { valueKey } from './value.ts';

/** A class of control states with one future. */
export interface MinimalState {
  readonly id: number;
  readonly status: LocalState['status'];
  /** One member; its backtrace is an example, the witness has the real one. */
  readonly example: LocalState;
  readonly edges: readonly MinimalEdge[];
  /** It has the future of the first state: a daemon that waits here is idle. */
  readonly asAtStart: boolean;
}

/** An edge between classes. */
export interface MinimalEdge {
  readonly index: number;
  readonly when: readonly SharedGuard[];
  readonly does: readonly SharedEffect[];
  readonly error: Edge['error'];
  readonly example: Edge;
  readonly to: number;
}

/** The smallest automaton with the behaviour of a thread, its holds and its events included. */
export interface MinimalAutomaton {
  readonly states: readonly MinimalState[];
  readonly start: number;
  readonly passed: readonly Passed[];
  /** Class of every state of the full automaton. */
  readonly classOf: readonly number[];
  /** Equal for two threads exactly when nobody can tell them apart. */
  readonly signature: string;
}

/**
 * Merges control states that have the same future: the histories of a thread that no longer matter.
 * With `merge` off every state stays its own class.
 * Partition refinement (Moore); two states stay apart when an op, a hold, an event or a successor differs.
 */
export function minimise(automaton: Automaton, merge = true): MinimalAutomaton {
  const { states } = automaton;
  const edgeLabels = new Map<Edge, string>();
  for (const state of states) for (const edge of state.edges) edgeLabels.set(edge, edgeLabel(edge));

  let classOf = renumber(states.map(stateLabel));
  for (let count = countOf(classOf); ; ) {
    const refined = renumber(
      states.map(
        (state) =>
          `${classOf[state.id]}:${state.edges.map((edge) => `${edgeLabels.get(edge)}>${classOf[edge.to.id]}`).join('|')}`,
      ),
    );
    const refinedCount = countOf(refined);
    classOf = refined;
    if (refinedCount === count) break;
    count = refinedCount;
  }
  const kept = merge ? classOf : states.map((state) => state.id);
  return quotient(automaton, kept, classOf, edgeLabels);
}

/** Breadth-first numbering from the start, so that equal behaviour gives equal numbers and equal signatures. */
function quotient(
  automaton: Automaton,
  classOf: readonly number[],
  futureOf: readonly number[],
  labels: ReadonlyMap<Edge, string>,
): MinimalAutomaton {
  const example = new Map<number, LocalState>();
  for (const state of automaton.states) {
    const id = classOf[state.id] as number;
    if (!example.has(id)) example.set(id, state);
  }
  const startClass = classOf[automaton.start.id] as number;
  const numbers = new Map<number, number>([[startClass, 0]]);
  const order = [startClass];
  for (const id of order) {
    for (const edge of (example.get(id) as LocalState).edges) {
      const to = classOf[edge.to.id] as number;
      if (numbers.has(to)) continue;
      numbers.set(to, numbers.size);
      order.push(to);
    }
  }
  const states = order.map((id, index): MinimalState => {
    const member = example.get(id) as LocalState;
    return {
      id: index,
      status: member.status,
      example: member,
      asAtStart: futureOf[member.id] === futureOf[automaton.start.id],
      edges: member.edges.map((edge) => ({
        index: edge.index,
        when: edge.when,
        does: edge.does,
        error: edge.error,
        example: edge,
        to: numbers.get(classOf[edge.to.id] as number) as number,
      })),
    };
  });
  const signature = states
    .map(
      (state) =>
        `${stateLabel(state.example)}{${state.edges.map((edge) => `${labels.get(edge.example)}>${edge.to}`).join('|')}}`,
    )
    .join('\n');
  return {
    states,
    start: 0,
    passed: automaton.passed,
    classOf: automaton.states.map((state) => numbers.get(classOf[state.id] as number) as number),
    signature: `${automaton.passed.map(passedLabel).join()}\n${signature}`,
  };
}

function stateLabel(state: LocalState): string {
  return `${state.status}~${state.op === undefined ? '' : opKey(state.op)}~${state.held.map(holdKey).join()}~${state.error?.code ?? ''}`;
}

function edgeLabel(edge: Edge): string {
  return [
    edge.index,
    edge.when.map(guardKey).join('&'),
    edge.does.map(effectKey).join(';'),
    edge.error?.code ?? '',
    edge.alternative.event === undefined ? '' : valueKey(edge.alternative.event, 'event'),
    edge.passed.map(passedLabel).join(),
  ].join('~');
}

function passedLabel(passed: Passed): string {
  return passed.event === undefined ? '' : valueKey(passed.event, 'event');
}

function renumber(labels: readonly string[]): number[] {
  const numbers = new Map<string, number>();
  return labels.map((label) => {
    let number = numbers.get(label);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(label, number);
    }
    return number;
  });
}

function countOf(classOf: readonly number[]): number {
  return new Set(classOf).size;
}
