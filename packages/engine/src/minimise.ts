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

/** The smallest automaton with the behaviour of a thread: what others could notice, and what it holds and tells. */
export interface MinimalAutomaton {
  readonly states: readonly MinimalState[];
  readonly start: number;
  readonly passed: readonly Passed[];
  /** Class of every state of the full automaton. */
  readonly classOf: readonly number[];
  /** Equal for two threads exactly when nobody can tell them apart, by what they hold and tell included. */
  readonly signature: string;
}

/**
 * Merges control states that have the same future: the histories of a thread that no longer matter.
 * With `merge` off every state stays its own class.
 *
 * What a thread holds and tells keeps states apart, although nobody else can notice it: merged, a class would tell of each
 * of its members what happens to one of them, and rules would judge steps that no run takes.
 */
export function minimise(automaton: Automaton, merge = true): MinimalAutomaton {
  const { states } = automaton;
  const labels = createLabels();
  const futureOf = refine(automaton, behaviour, labels.behaviour);
  // What is told apart by more has not one future: refinement goes on from there.
  const apart = refine(automaton, (state) => `${futureOf[state.id]}~${toldState(state)}`, labels.told);
  const merged = quotient(automaton, apart, futureOf);
  const signature = merged.states
    .map(
      ({ example, edges }) =>
        `${toldState(example)}{${edges.map((edge) => `${labels.told(edge.example)}>${edge.to}`).join('|')}}`,
    )
    .join('\n');
  const each = states.map(({ id }) => id);
  return {
    ...(merge ? merged : quotient(automaton, each, futureOf)),
    signature: `${labels.passed(automaton.passed)}\n${signature}`,
  };
}

/** Class of every state, by what tells states and edges apart: partition refinement (Moore). */
function refine(
  { states }: Automaton,
  labelState: (state: LocalState) => string,
  labelEdge: (edge: Edge) => string,
): readonly number[] {
  const edgeLabels = renumber(states.flatMap(({ edges }) => edges.map(labelEdge)));
  let classOf = renumber(states.map(labelState));
  for (let count = countOf(classOf); ; ) {
    let at = 0;
    const refined = renumber(
      states.map(({ id, edges }) => {
        let key = `${classOf[id]}`;
        for (const { to } of edges) key += `|${edgeLabels[at++]}>${classOf[to.id]}`;
        return key;
      }),
    );
    const refinedCount = countOf(refined);
    classOf = refined;
    if (refinedCount === count) return classOf;
    count = refinedCount;
  }
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
 * What others could notice of a state. A run ends with what a thread keeps for ever, and with its mistake: these are
 * told apart.
 */
function behaviour({ status, held, error }: LocalState): string {
  return `${status}~${status === 'done' ? held.map(holdKey).join() : ''}~${error?.code ?? ''}`;
}

function toldState(state: LocalState): string {
  return `${behaviour(state)}~${state.op === undefined ? '' : opKey(state.op)}~${state.held.map(holdKey).join()}`;
}

/** Labels of edges, made once each. */
interface Labels {
  /** What others could notice. The index is the number that a schedule gives: one schedule fits all of a class. */
  behaviour(edge: Edge): string;
  told(edge: Edge): string;
  passed(passed: readonly Passed[]): string;
}

function createLabels(): Labels {
  /** The same step is passed on many ways, and its event is one object. */
  const events = new Map<unknown, string>();
  const eventLabel = (event: unknown): string => {
    if (event === undefined) return '';
    let label = events.get(event);
    if (label === undefined) {
      label = valueKey(event, 'event');
      events.set(event, label);
    }
    return label;
  };
  const passed = (steps: readonly Passed[]): string => steps.map(({ event }) => eventLabel(event)).join();
  const noticed = remembered((edge) =>
    [
      edge.index,
      edge.when.map(guardKey).join('&'),
      edge.does.map(effectKey).join(';'),
      ...(edge.error === undefined ? [] : [edge.error.code, edge.error.message, eventLabel(edge.alternative.event)]),
    ].join('~'),
  );
  const told = remembered((edge) => `${noticed(edge)}~${eventLabel(edge.alternative.event)}~${passed(edge.passed)}`);
  return { behaviour: noticed, told, passed };
}

function remembered(label: (edge: Edge) => string): (edge: Edge) => string {
  const labels = new Map<Edge, string>();
  return (edge) => {
    let known = labels.get(edge);
    if (known === undefined) {
      known = label(edge);
      labels.set(edge, known);
    }
    return known;
  };
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
