import { EngineError } from './errors.ts';
import type { Call } from './kernel-function.ts';
import type { FrameNode, Learner } from './learn.ts';
import { type Alternative, type Effect, type Guard, guardHolds, type Hold, holdKey, type Op, opKey } from './op.ts';
import { createStacks, type Stack } from './stack.ts';
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

/** Where a thread stands, while it goes on. */
interface Position {
  /** The frame on top; undefined when the thread is at its end. */
  node: FrameNode | undefined;
  below: Stack | undefined;
  /** The rest of an op that has begun. */
  pending: Op | undefined;
  held: readonly Hold[];
  locals: readonly number[];
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
  const stacks = createStacks();
  const states = new Map<string, MutableState>();
  const work: { state: MutableState; position: Position }[] = [];
  const looks = new Map<PropertyKey, unknown>();
  const heldKeys = new Map<readonly Hold[], string>();

  const backtraceAt = ({ node, below }: Position): readonly string[] =>
    node === undefined ? [] : stacks.backtrace(node, below).names;
  const functionAt = ({ node }: Position): string => node?.frame.fn.name ?? 'thread';

  const goTo = (at: Position, node: FrameNode, below: Stack | undefined): void => {
    at.node = node;
    at.below = below;
    at.pending = undefined;
    if (node.looks !== NO_LOOKS) for (const [field, value] of node.looks) looks.set(field, value);
    if (below !== undefined && below.depth >= limits.stackDepth) {
      throw new EngineError(
        'ENGINE_RECURSION',
        functionAt(at),
        `calls are nested more than ${limits.stackDepth} deep: ${backtraceAt(at).slice(0, 8).join(' ← ')} …`,
      );
    }
  };

  const initial = (): Position => {
    const locals = world.locals.map((cell) => cell.init);
    const at: Position = { node: undefined, below: undefined, pending: undefined, held: [], locals };
    goTo(at, learner.enter(start), undefined);
    return at;
  };

  /** Goes on through every folded step, to the next state. */
  const settle = (at: Position, passed: Passed[], onRepeat: () => void = () => {}): MutableState => {
    for (let silent = 0; ; silent++) {
      if (silent > SILENT_LIMIT) {
        throw new EngineError(
          'ENGINE_UNBOUNDED',
          functionAt(at),
          `goes round without a step that others can see: ${backtraceAt(at).slice(0, 8).join(' ← ')}`,
        );
      }
      const { node, below } = at;
      if (node === undefined) return stateAt(at, 'done', undefined, undefined);
      const { step } = node;
      if (at.pending !== undefined || step.kind === 'op') {
        const subject = at.pending ?? (step as { readonly op: Op }).op;
        if (!fold(at, subject, passed)) return stateAt(at, 'running', subject, undefined);
      } else if (step.kind === 'call') goTo(at, learner.into(node), stacks.of(node, below));
      else if (step.kind === 'tail') goTo(at, learner.into(node), below);
      else if (step.kind === 'throw') {
        return stateAt(at, 'error', undefined, {
          code: 'engine/threw',
          message: `${node.frame.fn.name} threw: ${step.message}`,
        });
      } else if (below !== undefined) goTo(at, learner.after(below.node, step.value), below.below);
      else if (repeat) {
        onRepeat();
        goTo(at, learner.enter(start), undefined);
      } else at.node = undefined;
    }
  };

  /** Takes a step that only this thread can see; false when others can see it, or it is a choice. */
  const fold = (at: Position, subject: Op, passed: Passed[]): boolean => {
    let only: Alternative | undefined;
    for (const each of subject.alternatives) {
      if (!localGuardsHold(each, at.locals)) continue;
      if (only !== undefined) return false;
      only = each;
    }
    if (only === undefined || only.error !== undefined || !isOwn(only)) return false;
    const { held, locals } = at;
    const backtrace = backtraceAt(at);
    if (advance(at, only) !== undefined) return false;
    passed.push({ op: subject, event: only.event, backtrace, held, locals });
    return true;
  };

  /** Goes on by an alternative; a sentence, and no step, where that is a model error. */
  const advance = (at: Position, each: Alternative): string | undefined => {
    const locals = applyLocals(each, at.locals);
    if (typeof locals === 'string') return locals;
    const held = applyHolds(each, at.held);
    if (typeof held === 'string') return held;
    if (held.length > MOST_HOLDS) {
      throw new EngineError(
        'ENGINE_UNBOUNDED',
        functionAt(at),
        `holds more than ${MOST_HOLDS} things, lastly ${held.at(-1)?.object.name}; a loop takes it again and again`,
      );
    }
    at.held = held;
    at.locals = locals;
    if (each.next === undefined) goTo(at, learner.after(at.node as FrameNode, each.result), at.below);
    else at.pending = each.next;
    return undefined;
  };

  const heldKey = (held: readonly Hold[]): string => {
    let key = heldKeys.get(held);
    if (key === undefined) {
      key = held.map(holdKey).join();
      heldKeys.set(held, key);
    }
    return key;
  };

  /** The state of a thread that stands there, and goes no further by itself. */
  const stateAt = (
    at: Position,
    status: LocalState['status'],
    subject: Op | undefined,
    error: LocalState['error'],
  ): MutableState => {
    const stack = at.node === undefined ? 0 : stacks.of(at.node, at.below).id;
    const pending = at.pending === undefined ? '' : opKey(at.pending);
    const key = `${stack}|${pending}|${at.locals.join()}|${heldKey(at.held)}|${error?.message ?? ''}`;
    const known = states.get(key);
    if (known !== undefined) return known;
    if (states.size >= limits.states) {
      throw new EngineError(
        'ENGINE_UNBOUNDED',
        functionAt(at),
        `a thread has more than ${limits.states} control states; bound what it may do, or raise the limit`,
      );
    }
    const state: MutableState = {
      id: states.size,
      status,
      op: subject,
      error,
      backtrace: backtraceAt(at),
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
    const { when, does } = sharedIn(each);
    const begun = { index, when, does, alternative: each };
    if (each.error !== undefined) return { ...begun, error: each.error, to: broken(position, each.error), passed: [] };
    const { node, below, pending, held, locals } = position;
    const at: Position = { node, below, pending, held, locals };
    const wrong = advance(at, each);
    if (wrong !== undefined) {
      const error = { code: 'engine/model-error', message: `${(from.op as Op).name}: ${wrong}` };
      return { ...begun, error, to: broken(position, error), passed: [] };
    }
    const passed: Passed[] = [];
    let startsOver: number | undefined;
    const to = settle(at, passed, () => {
      startsOver ??= passed.length;
    });
    // Most edges are neither: they are made in one go, as there are many.
    if (startsOver === undefined && to.error === undefined) return { index, when, does, alternative: each, to, passed };
    return {
      ...begun,
      to,
      passed,
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

/** It reads and changes nothing that others share. */
function isOwn({ when, does }: Alternative): boolean {
  for (const { cell } of when) if (cell.type === 'cell') return false;
  for (const { cell } of does) if (cell.type === 'cell') return false;
  return true;
}

function localGuardsHold({ when }: Alternative, locals: readonly number[]): boolean {
  for (const { cell, is, value } of when)
    if (cell.type !== 'cell' && !guardHolds(is, locals[cell.id] as number, value)) return false;
  return true;
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
