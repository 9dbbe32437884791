import { type Alternative, effectKey, guardKey, type Hold, holdKey, opKey } from './op.ts';
import { numberOf, refine } from './refine.ts';
import { createSequences } from './sequences.ts';
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
  const futureOf = refine({ edges: edgesOf(states, labels.behaviour), before }, states.map(labels.state));
  // What is told apart by more has not one future: refinement goes on from there.
  const apart = refine(
    { edges: edgesOf(states, labels.told), before },
    states.map((state) => labels.pair(futureOf[state.id] as number, labels.toldState(state))),
  );
  const start = futureOf[automaton.start.id];
  const bisimilar = refine(
    { edges: edgesOf(states, labels.noticed), before, anyOrder: true },
    states.map((state) => labels.pair(labels.state(state), futureOf[state.id] === start ? 1 : 0)),
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
      signature ??= signatureOf(merged);
      return signature;
    },
  };
}

/** Each text once, and numbers for where they belong. */
function signatureOf({ passed, states }: Omit<MinimalAutomaton, 'signature'>): string {
  const texts = new Map<string, number>();
  const word = (text: string): number => numberOf(texts, text);
  const eventWord = remembered((event: unknown) => word(eventText(event)));
  const noticedOf = remembered(noticedText);
  const events = (steps: readonly Passed[]): string => steps.map(({ event }) => eventWord(event)).join();
  const lines = states.map(({ example, edges }) => {
    const ways = edges.map(({ example: edge, to }) => {
      const noticed = edge.error === undefined ? noticedOf(edge.alternative) : noticedWithError(edge);
      return `${word(`${edge.index}~${noticed}`)}~${eventWord(edge.alternative.event)}~${events(edge.passed)}>${to}`;
    });
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
function behaviourText({ status, held, error }: LocalState): string {
  return `${status}~${status === 'done' ? held.map(holdKey).join() : ''}~${error?.code ?? ''}`;
}

/** With what it holds and tells, each as the number that `word` gives. */
function toldState(state: LocalState, word: (text: string) => number): string {
  const { op, held } = state;
  return `${word(behaviourText(state))}~${op === undefined ? '' : word(opKey(op))}~${word(held.map(holdKey).join())}`;
}

/** What others could notice of an alternative. */
function noticedText(alternative: Alternative): string {
  let text = '';
  for (const guard of alternative.when) if (guard.cell.type === 'cell') text += `${guardKey(guard)}&`;
  text += '~';
  for (const effect of alternative.does) if (effect.cell.type === 'cell') text += `${effectKey(effect)};`;
  return text;
}

/** The same of an edge that is a mistake. */
function noticedWithError({ alternative, error }: Edge): string {
  return `${noticedText(alternative)}~${error?.code}~${error?.message}~${eventText(alternative.event)}`;
}

function eventText(event: unknown): string {
  return event === undefined ? '' : settledKey(event, 'event');
}

/** Labels of states and edges, as numbers: equal for what is alike. Those of one kind mean nothing among another. */
interface Labels {
  /** What others could notice of a state. */
  readonly state: (state: LocalState) => number;
  /** The same, with what it holds and tells. */
  readonly toldState: (state: LocalState) => number;
  /** What others could notice. The index is the number that a schedule gives: one schedule fits all of a class. */
  readonly behaviour: (edge: Edge) => number;
  /** The same without the index. */
  readonly noticed: (edge: Edge) => number;
  /** The same, with all that is told on the way. */
  readonly told: (edge: Edge) => number;
  readonly pair: (one: number, other: number) => number;
}

function createLabels(): Labels {
  const numbers = new Map<string, number>();
  const number = (text: string): number => numberOf(numbers, text);
  const { step } = createSequences();
  const pair = (one: number, other: number): number => step(step(0, one), other);
  // The same alternative is taken from many states, the same step passed on many ways, the same things held for long.
  const alternative = remembered((each: Alternative) => number(noticedText(each)));
  const event = remembered((each: unknown) => number(eventText(each)));
  const holds = remembered((held: readonly Hold[]) => number(held.map(holdKey).join()));
  const noticed = (edge: Edge): number =>
    edge.error === undefined ? alternative(edge.alternative) : number(noticedWithError(edge));
  const behaviour = (edge: Edge): number => pair(edge.index, noticed(edge));
  const state = (each: LocalState): number => number(behaviourText(each));
  return {
    pair,
    state,
    toldState: (each) => step(pair(state(each), each.op === undefined ? -1 : number(opKey(each.op))), holds(each.held)),
    noticed,
    behaviour,
    told(edge) {
      let told = pair(behaviour(edge), event(edge.alternative.event));
      for (const passed of edge.passed) told = step(told, event(passed.event));
      return told;
    },
  };
}

function remembered<K, V>(make: (from: K) => V): (from: K) => V {
  const known = new Map<K, V>();
  return (from) => {
    let value = known.get(from);
    if (value === undefined) {
      value = make(from);
      known.set(from, value);
    }
    return value;
  };
}
