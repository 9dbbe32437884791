import { effectKey, guardKey, holdKey, opKey } from './op.ts';
import { numberOf, refine } from './refine.ts';
import type { Automaton, Edge, LocalState, Passed, SharedEffect, SharedGuard } from './unfold.ts';
import { settledKey } from './value.ts';

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
  const before = beforeOf(states);
  const futureOf = refine(
    { edges: edgesOf(states, (edge) => labels.number(labels.behaviour(edge))), before },
    states.map((state) => labels.number(behaviour(state))),
  );
  // What is told apart by more has not one future: refinement goes on from there.
  const apart = refine(
    { edges: edgesOf(states, (edge) => labels.number(labels.told(edge))), before },
    states.map((state) => labels.number(`${futureOf[state.id]}~${toldState(state, labels.number)}`)),
  );
  const start = futureOf[automaton.start.id];
  const bisimilar = refine(
    { edges: edgesOf(states, (edge) => labels.number(labels.noticed(edge))), before, anyOrder: true },
    states.map((state) => labels.number(`${behaviour(state)}~${futureOf[state.id] === start}`)),
  );
  const merged = quotient(automaton, apart, futureOf, bisimilar);
  let signature: string | undefined;
  return {
    ...(merge
      ? merged
      : quotient(
          automaton,
          states.map(({ id }) => id),
          futureOf,
          bisimilar,
        )),
    get signature() {
      signature ??= signatureOf(merged, labels);
      return signature;
    },
  };
}

/** Each text once, and numbers for where they belong. */
function signatureOf({ passed, states }: Omit<MinimalAutomaton, 'signature'>, labels: Labels): string {
  const texts = new Map<string, number>();
  const word = (text: string): number => numberOf(texts, text);
  const events = (steps: readonly Passed[]): string => steps.map(({ event }) => word(labels.event(event))).join();
  const lines = states.map(({ example, edges }) => {
    const ways = edges.map(
      ({ example: edge, to }) =>
        `${word(labels.behaviour(edge))}~${word(labels.event(edge.alternative.event))}~${events(edge.passed)}>${to}`,
    );
    return `${toldState(example, word)}{${ways.join('|')}}`;
  });
  return [events(passed), ...lines, ...texts.keys()].join('\n');
}

/** Label and target of every edge. */
function edgesOf(states: readonly LocalState[], label: (edge: Edge) => number): readonly Int32Array[] {
  return states.map(({ edges }) => {
    const flat = new Int32Array(edges.length * 2);
    for (const [index, edge] of edges.entries()) {
      flat[index * 2] = label(edge);
      flat[index * 2 + 1] = edge.to.id;
    }
    return flat;
  });
}

function beforeOf(states: readonly LocalState[]): readonly (readonly number[])[] {
  const before: number[][] = states.map(() => []);
  for (const { id, edges } of states) for (const { to } of edges) (before[to.id] as number[]).push(id);
  return before;
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

/** With what it holds and tells, each as the number that `word` gives. */
function toldState(state: LocalState, word: (text: string) => number): string {
  const { op, held } = state;
  return `${word(behaviour(state))}~${op === undefined ? '' : word(opKey(op))}~${word(held.map(holdKey).join())}`;
}

/** Labels of edges, made once each. */
interface Labels {
  number(text: string): number;
  /** What others could notice. The index is the number that a schedule gives: one schedule fits all of a class. */
  behaviour(edge: Edge): string;
  /** The same without the index. */
  noticed(edge: Edge): string;
  /** The same, with all that is told on the way; by numbers of events, which mean nothing elsewhere. */
  told(edge: Edge): string;
  event(event: unknown): string;
}

function createLabels(): Labels {
  const numbers = new Map<string, number>();
  const number = (text: string): number => numberOf(numbers, text);
  const event = (one: unknown): string => (one === undefined ? '' : settledKey(one, 'event'));
  /** The same step is passed on many ways, and its event is one object. */
  const eventNumbers = new Map<unknown, number>();
  const eventNumber = (one: unknown): number => {
    let known = eventNumbers.get(one);
    if (known === undefined) {
      known = number(event(one));
      eventNumbers.set(one, known);
    }
    return known;
  };
  const noticed = remembered((edge) => {
    let text = '';
    for (const guard of edge.when) text += `${guardKey(guard)}&`;
    text += '~';
    for (const effect of edge.does) text += `${effectKey(effect)};`;
    if (edge.error === undefined) return text;
    return `${text}~${edge.error.code}~${edge.error.message}~${event(edge.alternative.event)}`;
  });
  const behaviour = remembered((edge) => `${edge.index}~${noticed(edge)}`);
  const told = (edge: Edge): string => {
    let text = `${number(behaviour(edge))}~${eventNumber(edge.alternative.event)}`;
    for (const passed of edge.passed) text += `,${eventNumber(passed.event)}`;
    return text;
  };
  return { number, behaviour, noticed, told, event };
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
