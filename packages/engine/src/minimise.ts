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

/** The smallest automaton with the behaviour of a thread: everything that others could notice. */
export interface MinimalAutomaton {
  readonly states: readonly MinimalState[];
  readonly start: number;
  readonly passed: readonly Passed[];
  /** Class of every state of the full automaton. */
  readonly classOf: readonly number[];
  /** Equal for two threads exactly when nobody can tell them apart, by what they hold and tell included. */
  readonly signature: string;
}

/** What tells states and edges apart. */
interface Labels {
  readonly state: (state: LocalState) => string;
  readonly edge: (edge: Edge) => string;
}

/**
 * Merges control states that have the same future: the histories of a thread that no longer matter.
 * With `merge` off every state stays its own class.
 *
 * What a thread holds and tells is no behaviour: nobody waits for an event, and what a hold does to others is in the
 * guards and effects. So it keeps no two states apart, and only the signature has it.
 */
export function minimise(automaton: Automaton, merge = true): MinimalAutomaton {
  const { states } = automaton;
  const futureOf = refine(automaton, behaviour);
  const told: Labels = { state: toldState, edge: remembered(states, toldEdge) };
  const apart = refine(automaton, told);
  const signature = quotient(automaton, apart, apart)
    .states.map(
      ({ example, edges }) =>
        `${told.state(example)}{${edges.map((edge) => `${told.edge(edge.example)}>${edge.to}`).join('|')}}`,
    )
    .join('\n');
  return {
    ...quotient(automaton, merge ? futureOf : states.map((state) => state.id), futureOf),
    signature: `${automaton.passed.map(passedLabel).join()}\n${signature}`,
  };
}

/** Class of every state: partition refinement (Moore). */
function refine({ states }: Automaton, labels: Labels): readonly number[] {
  const edge = remembered(states, labels.edge);
  let classOf = renumber(states.map(labels.state));
  for (let count = countOf(classOf); ; ) {
    const refined = renumber(
      states.map(
        (state) =>
          `${classOf[state.id]}:${state.edges.map((each) => `${edge(each)}>${classOf[each.to.id]}`).join('|')}`,
      ),
    );
    const refinedCount = countOf(refined);
    classOf = refined;
    if (refinedCount === count) return classOf;
    count = refinedCount;
  }
}

function remembered(states: readonly LocalState[], label: (edge: Edge) => string): (edge: Edge) => string {
  const labels = new Map<Edge, string>();
  for (const state of states) for (const edge of state.edges) labels.set(edge, label(edge));
  return (edge) => labels.get(edge) ?? label(edge);
}

/** Breadth-first numbering from the start, so that equal behaviour gives equal numbers and equal signatures. */
function quotient(
  automaton: Automaton,
  classOf: readonly number[],
  futureOf: readonly number[],
): Omit<MinimalAutomaton, 'signature'> {
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
  return {
    states,
    start: 0,
    passed: automaton.passed,
    classOf: automaton.states.map((state) => numbers.get(classOf[state.id] as number) as number),
  };
}

/**
 * What others could notice. The index is the number that a schedule gives: one schedule fits all members of a class. A
 * run ends with what a thread keeps for ever, and with its mistake: these are told apart.
 */
const behaviour: Labels = {
  state: ({ status, held, error }) =>
    `${status}~${status === 'done' ? held.map(holdKey).join() : ''}~${error?.code ?? ''}`,
  edge: (edge) =>
    [
      edge.index,
      edge.when.map(guardKey).join('&'),
      edge.does.map(effectKey).join(';'),
      ...(edge.error === undefined ? [] : [edge.error.code, edge.error.message, eventLabel(edge)]),
    ].join('~'),
};

function toldState(state: LocalState): string {
  return `${behaviour.state(state)}~${state.op === undefined ? '' : opKey(state.op)}~${state.held.map(holdKey).join()}`;
}

function toldEdge(edge: Edge): string {
  return [behaviour.edge(edge), eventLabel(edge), edge.passed.map(passedLabel).join()].join('~');
}

function eventLabel({ alternative: { event } }: Edge): string {
  return event === undefined ? '' : valueKey(event, 'event');
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
