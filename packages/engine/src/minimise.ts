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
  /** Equal for states that nobody else can ever tell apart, whatever the thread holds and tells. */
  readonly bisimilar: number;
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
  const start = futureOf[automaton.start.id];
  const bisimilar = refine(
    automaton,
    (state) => `${behaviour(state)}~${futureOf[state.id] === start}`,
    labels.noticed,
    true,
  );
  const merged = quotient(automaton, apart, futureOf, bisimilar);
  const signature = merged.states
    .map(
      ({ example, edges }) =>
        `${toldState(example)}{${edges.map((edge) => `${labels.told(edge.example)}>${edge.to}`).join('|')}}`,
    )
    .join('\n');
  const each = states.map(({ id }) => id);
  return {
    ...(merge ? merged : quotient(automaton, each, futureOf, bisimilar)),
    signature: `${labels.passed(automaton.passed)}\n${signature}`,
  };
}

/**
 * Class of every state, by what tells states and edges apart: partition refinement (Moore). `anyOrder`: neither the order
 * of edges tells states apart, nor how many are alike.
 */
function refine(
  { states }: Automaton,
  labelState: (state: LocalState) => string,
  labelEdge: (edge: Edge) => string,
  anyOrder = false,
): readonly number[] {
  const edgeLabels = renumber(states.flatMap(({ edges }) => edges.map(labelEdge)));
  let classOf = renumber(states.map(labelState));
  for (let count = countOf(classOf); ; ) {
    let at = 0;
    const refined = renumber(
      states.map(({ id, edges }) => {
        const ways = edges.map(({ to }) => `|${edgeLabels[at++]}>${classOf[to.id]}`);
        return `${classOf[id]}${anyOrder ? [...new Set(ways)].sort().join('') : ways.join('')}`;
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
  bisimilar: readonly number[],
): Omit<MinimalAutomaton, 'signature'> {
  const example = new Map<number, LocalState>();
  for (const state of automaton.states) {
    const id = classOf[state.id] as number;
    if (!example.has(id)) example.set(id, state);
  }
  const startClass = classOf[automaton.start.id] as number;
  const found = new Set([startClass]);
  for (const id of found)
    for (const edge of (example.get(id) as LocalState).edges) found.add(classOf[edge.to.id] as number);
  const kinds = new Map<number, number>();
  const kindOf = (id: number): number => {
    const kind = bisimilar[(example.get(id) as LocalState).id] as number;
    const known = kinds.get(kind) ?? kinds.size;
    kinds.set(kind, known);
    return known;
  };
  // States that nobody tells apart are neighbours, so that sorting threads by their states sorts them by that, too.
  const order = [...found]
    .map((id) => ({ id, kind: kindOf(id) }))
    .sort((left, right) => left.kind - right.kind)
    .map(({ id }) => id);
  const numbers = new Map(order.map((id, index) => [id, index]));
  const states = order.map((id, index): MinimalState => {
    const member = example.get(id) as LocalState;
    return {
      id: index,
      status: member.status,
      example: member,
      asAtStart: futureOf[member.id] === futureOf[automaton.start.id],
      bisimilar: kindOf(id),
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
  /** The same without the index. */
  noticed(edge: Edge): string;
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
      edge.when.map(guardKey).join('&'),
      edge.does.map(effectKey).join(';'),
      ...(edge.error === undefined ? [] : [edge.error.code, edge.error.message, eventLabel(edge.alternative.event)]),
    ].join('~'),
  );
  const behaviour = remembered((edge) => `${edge.index}~${noticed(edge)}`);
  const told = remembered((edge) => `${behaviour(edge)}~${eventLabel(edge.alternative.event)}~${passed(edge.passed)}`);
  return { behaviour, noticed, told, passed };
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
