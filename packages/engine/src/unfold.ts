import { EngineError } from './errors.ts';
import type { Call } from './kernel-function.ts';
import type { FrameNode, Learner } from './learn.ts';
import { type Alternative, type Effect, type Guard, guardHolds, type Hold, holdKey, type Op, opKey } from './op.ts';
import { type Looks, NO_LOOKS } from './view.ts';
import type { Cell, LocalCell, World } from './world.ts';

/** A folded step: nobody else could have seen it. */
export interface Passed {
  readonly op: Op;
  readonly event: unknown;
  /** Modelled functions at the step, innermost first. */
  readonly backtrace: readonly string[];
  readonly held: readonly Hold[];
  readonly locals: readonly number[];
}

/** A guard or an effect that reads and writes shared cells only. */
export type SharedGuard = Guard & { readonly cell: Cell };
export type SharedEffect = Effect & { readonly cell: Cell };

/** What a thread may do in a state of its automaton. */
export interface Edge {
  /** Index of the alternative in its op: the number that a schedule gives. */
  readonly index: number;
  readonly when: readonly SharedGuard[];
  readonly does: readonly SharedEffect[];
  readonly alternative: Alternative;
  /** Set where taking the edge is a model error. */
  readonly error?: { readonly code: string; readonly message: string };
  readonly to: LocalState;
  /** Folded steps between taking the edge and the next state. */
  readonly passed: readonly Passed[];
  /** Set where a thread that repeats comes to its end on the way: so many of the folded steps come before that. */
  readonly startsOver?: number;
}

/** A state of one thread: everything about it that is not in the shared cells. */
export interface LocalState {
  readonly id: number;
  readonly status: 'running' | 'done' | 'error';
  /** The op at which the thread stands; undefined when it is done or broken. */
  readonly op: Op | undefined;
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly backtrace: readonly string[];
  readonly held: readonly Hold[];
  readonly locals: readonly number[];
  readonly edges: readonly Edge[];
}

/** The whole automaton of one thread, all results of every op. */
export interface Automaton {
  readonly states: readonly LocalState[];
  readonly start: LocalState;
  /** Folded steps before the first state. */
  readonly passed: readonly Passed[];
  /** What was looked at on any way through it, beside arguments and results. */
  readonly looks: Looks;
}

/** Limits on unfolding. */
export interface UnfoldLimits {
  /** Calls inside calls. */
  readonly stackDepth: number;
  /** States of one thread. */
  readonly states: number;
}

interface Stack {
  readonly id: number;
  readonly node: FrameNode;
  readonly below: Stack | undefined;
  readonly depth: number;
  /** Stacks with one frame more, by what is on top. */
  readonly above: Map<FrameNode, Stack>;
  backtrace: readonly string[] | undefined;
}

interface Position {
  readonly stack: Stack | undefined;
  readonly pending: Op | undefined;
  readonly held: readonly Hold[];
  readonly locals: readonly number[];
}

interface MutableState {
  id: number;
  status: LocalState['status'];
  op: Op | undefined;
  error: LocalState['error'];
  backtrace: readonly string[];
  held: readonly Hold[];
  locals: readonly number[];
  edges: Edge[];
}

const SILENT_LIMIT = 100_000;
const MOST_HOLDS = 64;

/**
 * Unfolds a thread into its automaton. Task-local cells and what the thread holds are folded into the states, and
 * steps that nobody else can see take no state of their own.
 *
 * @throws EngineError `ENGINE_RECURSION` and `ENGINE_UNBOUNDED` name the functions of the cycle
 */
export function unfold(world: World, learner: Learner, start: Call, repeat: boolean, limits: UnfoldLimits): Automaton {
  const bottom = new Map<FrameNode, Stack>();
  const states = new Map<string, MutableState>();
  const work: { state: MutableState; position: Position }[] = [];
  const looks = new Map<PropertyKey, unknown>();
  let stacks = 0;

  const push = (node: FrameNode, below: Stack | undefined): Stack => {
    const beside = below === undefined ? bottom : below.above;
    const known = beside.get(node);
    if (known !== undefined) return known;
    if (node.looks !== NO_LOOKS) for (const [field, value] of node.looks) looks.set(field, value);
    const depth = below === undefined ? 1 : below.depth + 1;
    const stack: Stack = { id: ++stacks, node, below, depth, above: new Map(), backtrace: undefined };
    if (depth > limits.stackDepth) {
      throw new EngineError(
        'ENGINE_RECURSION',
        node.frame.fn.name,
        `calls are nested more than ${limits.stackDepth} deep: ${backtraceOf(stack).slice(0, 8).join(' ← ')} …`,
      );
    }
    beside.set(node, stack);
    return stack;
  };

  const initial = (): Position => ({
    stack: push(learner.enter(start), undefined),
    pending: undefined,
    held: [],
    locals: world.locals.map((cell) => cell.init),
  });

  /** Goes on from `position` through every folded step, to the next state. */
  const settle = (position: Position, passed: Passed[], onRepeat: () => void = () => {}): MutableState => {
    let at = position;
    for (let silent = 0; ; silent++) {
      if (silent > SILENT_LIMIT) {
        const where = at.stack?.node.frame.fn.name ?? 'thread';
        throw new EngineError(
          'ENGINE_UNBOUNDED',
          where,
          `goes round without a step that others can see: ${at.stack === undefined ? '' : backtraceOf(at.stack).slice(0, 8).join(' ← ')}`,
        );
      }
      if (at.stack === undefined) return stateAt(at, 'done', undefined, undefined);
      if (at.pending !== undefined) {
        const next = tryFold(at, at.pending, passed);
        if (next === undefined) return stateAt(at, 'running', at.pending, undefined);
        at = next;
        continue;
      }
      const { node, below }: Stack = at.stack;
      const { step } = node;
      if (step.kind === 'call') at = on(push(learner.into(node), at.stack), at);
      else if (step.kind === 'tail') at = on(push(learner.into(node), below), at);
      else if (step.kind === 'return') {
        if (below !== undefined) at = on(push(learner.after(below.node, step.value), below.below), at);
        else if (repeat) {
          onRepeat();
          at = on(push(learner.enter(start), undefined), at);
        } else at = on(undefined, at);
      } else if (step.kind === 'throw') {
        return stateAt(at, 'error', undefined, {
          code: 'engine/threw',
          message: `${node.frame.fn.name} threw: ${step.message}`,
        });
      } else {
        const next = tryFold(at, step.op, passed);
        if (next === undefined) return stateAt(at, 'running', step.op, undefined);
        at = next;
      }
    }
  };

  /** Takes a step that only this thread can see; undefined when others can see it, or it is a choice. */
  const tryFold = (at: Position, subject: Op, passed: Passed[]): Position | undefined => {
    let only: Alternative | undefined;
    for (const each of subject.alternatives) {
      if (!localGuardsHold(each, at.locals)) continue;
      if (only !== undefined) return undefined;
      only = each;
    }
    if (only === undefined || only.error !== undefined) return undefined;
    if (
      only.when.some((guard) => guard.cell.type === 'cell') ||
      only.does.some((effect) => effect.cell.type === 'cell')
    )
      return undefined;
    const after = advance(at, only);
    if (typeof after === 'string') return undefined;
    passed.push({ op: subject, event: only.event, backtrace: backtraceOf(at.stack), held: at.held, locals: at.locals });
    return after;
  };

  /** The position after an alternative; a sentence where that is a model error. */
  const advance = (at: Position, each: Alternative): Position | string => {
    const locals = applyLocals(each, at.locals);
    if (typeof locals === 'string') return locals;
    const held = applyHolds(each, at.held);
    if (typeof held === 'string') return held;
    if (held.length > MOST_HOLDS) {
      throw new EngineError(
        'ENGINE_UNBOUNDED',
        at.stack?.node.frame.fn.name ?? 'thread',
        `holds more than ${MOST_HOLDS} things, lastly ${held.at(-1)?.object.name}; a loop takes it again and again`,
      );
    }
    if (each.next !== undefined) return { stack: at.stack, pending: each.next, held, locals };
    const stack = at.stack as Stack;
    return { stack: push(learner.after(stack.node, each.result), stack.below), pending: undefined, held, locals };
  };

  const stateAt = (
    at: Position,
    status: LocalState['status'],
    subject: Op | undefined,
    error: LocalState['error'],
  ): MutableState => {
    const key = `${at.stack?.id ?? 0}|${at.pending === undefined ? '' : opKey(at.pending)}|${at.locals.join()}|${at.held.map(holdKey).join()}|${error?.message ?? ''}`;
    const known = states.get(key);
    if (known !== undefined) return known;
    if (states.size >= limits.states) {
      throw new EngineError(
        'ENGINE_UNBOUNDED',
        at.stack?.node.frame.fn.name ?? 'thread',
        `a thread has more than ${limits.states} control states; bound what it may do, or raise the limit`,
      );
    }
    const state: MutableState = {
      id: states.size,
      status,
      op: subject,
      error,
      backtrace: backtraceOf(at.stack),
      held: at.held,
      locals: at.locals,
      edges: [],
    };
    states.set(key, state);
    if (status === 'running') work.push({ state, position: at });
    return state;
  };

  const passed: Passed[] = [];
  const first = settle(initial(), passed);
  if (first.error !== undefined)
    throw new EngineError('ENGINE_MODEL', start.fn.name, `before its first step, ${first.error.message}`);
  for (let item = work.pop(); item !== undefined; item = work.pop()) {
    const { state, position } = item;
    const subject = state.op as Op;
    for (const [index, each] of subject.alternatives.entries()) {
      if (!localGuardsHold(each, position.locals)) continue;
      state.edges.push(edge(index, each, position, state));
    }
    if (state.edges.length === 0) {
      throw new EngineError(
        'ENGINE_BAD_OP',
        subject.name,
        `no alternative is possible in ${state.backtrace[0] ?? 'the thread'}, whatever the others do`,
      );
    }
  }
  return { states: [...states.values()], start: first, passed, looks };

  function edge(index: number, each: Alternative, position: Position, from: MutableState): Edge {
    const shared = { index, ...sharedIn(each), alternative: each };
    if (each.error !== undefined) return { ...shared, error: each.error, to: broken(position, each.error), passed: [] };
    const after = advance(position, each);
    if (typeof after === 'string') {
      const error = { code: 'engine/model-error', message: `${(from.op as Op).name}: ${after}` };
      return { ...shared, error, to: broken(position, error), passed: [] };
    }
    const folded: Passed[] = [];
    let startsOver: number | undefined;
    const to = settle(after, folded, () => {
      startsOver ??= folded.length;
    });
    return {
      ...shared,
      to,
      passed: folded,
      ...(startsOver === undefined ? {} : { startsOver }),
      ...(to.error === undefined ? {} : { error: to.error }),
    };
  }

  function broken(at: Position, error: { code: string; message: string }): MutableState {
    return stateAt({ ...at, pending: undefined }, 'error', undefined, error);
  }
}

/** What others can see of an alternative; threads come to one in many states. */
interface Shared {
  readonly when: readonly SharedGuard[];
  readonly does: readonly SharedEffect[];
}

const sharedOf = new WeakMap<Alternative, Shared>();

function sharedIn(each: Alternative): Shared {
  let shared = sharedOf.get(each);
  if (shared === undefined) {
    shared = {
      when: each.when.filter((guard): guard is SharedGuard => guard.cell.type === 'cell'),
      does: each.does.filter((effect): effect is SharedEffect => effect.cell.type === 'cell'),
    };
    sharedOf.set(each, shared);
  }
  return shared;
}

/** What a thread holds and its locals stay as they are when it calls or returns. */
function on(stack: Stack | undefined, { held, locals }: Position): Position {
  return { stack, pending: undefined, held, locals };
}

function backtraceOf(stack: Stack | undefined): readonly string[] {
  if (stack === undefined) return [];
  stack.backtrace ??= [stack.node.frame.fn.name, ...backtraceOf(stack.below)];
  return stack.backtrace;
}

function localGuardsHold(each: Alternative, locals: readonly number[]): boolean {
  return each.when.every(
    (guard) => guard.cell.type === 'cell' || guardHolds(guard.is, locals[guard.cell.id] as number, guard.value),
  );
}

function applyLocals(each: Alternative, locals: readonly number[]): readonly number[] | string {
  let changed: number[] | undefined;
  for (const effect of each.does) {
    if (effect.cell.type === 'cell') continue;
    const cell: LocalCell = effect.cell;
    changed ??= [...locals];
    const value = 'set' in effect ? effect.set : (changed[cell.id] as number) + ('add' in effect ? effect.add : 0);
    if (value < 0 || value > cell.max) return `${cell.name} would become ${value}, outside 0 to ${cell.max}`;
    changed[cell.id] = value;
  }
  return changed ?? locals;
}

function applyHolds(each: Alternative, held: readonly Hold[]): readonly Hold[] | string {
  if (each.acquires === undefined && each.releases === undefined) return held;
  const now = [...held];
  for (const hold of each.releases ?? []) {
    // The newest hold goes first: two shared holds of one lock nest.
    const at = now.findLastIndex((other) => other.object.id === hold.object.id && other.mode === hold.mode);
    if (at < 0) return `releases ${hold.object.name} (${hold.mode}), which this task does not hold`;
    now.splice(at, 1);
  }
  now.push(...(each.acquires ?? []));
  return now;
}
