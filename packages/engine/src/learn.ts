import { EngineError } from './errors.ts';
import { type Call, type FunctionRecord, isCall } from './kernel-function.ts';
import { type Op, opKey } from './op.ts';
import { sameCall, sameOp, sameValue } from './same.ts';
import { mapKey, settle, valueKey } from './value.ts';
import { agrees, type Looks, NO_LOOKS, type View } from './view.ts';

/** What a frame does next. */
export type Step =
  | { readonly kind: 'op'; readonly op: Op }
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'tail'; readonly call: Call }
  | { readonly kind: 'return'; readonly value: unknown }
  | { readonly kind: 'throw'; readonly message: string };

/** A frame after a list of results: because functions are pure, that list is the frame's whole local state. */
export interface FrameNode {
  readonly frame: Frame;
  readonly parent: FrameNode | undefined;
  readonly result: unknown;
  readonly depth: number;
  readonly step: Step;
  /** By the result that came next; undefined until one did. */
  children: Map<unknown, FrameNode> | undefined;
  /** What was looked at to make this step, beside arguments and results. */
  readonly looks: Looks;
  /** The same place, seen in other circumstances. */
  otherwise: FrameNode | undefined;
  /** Where the call begins at which this stands, once it was made. */
  entered: FrameNode | undefined;
  /** A generator that stands exactly here and was not resumed yet. */
  live: Generator<Op, unknown, number> | undefined;
}

/** A function with its arguments. */
export interface Frame {
  readonly fn: FunctionRecord;
  readonly args: readonly unknown[];
}

/** What has been learned of every function that was called; shared by all threads of a model, and by models of one view. */
export interface Learner {
  /** From now on, what is learned holds for this record, and for those that agree with it. */
  begin(record: object | undefined): void;
  /** The node at which a call starts. */
  enter(call: Call): FrameNode;
  /** The same for the call at which a node stands. */
  into(node: FrameNode): FrameNode;
  /** The node after one more result. */
  after(node: FrameNode, result: unknown): FrameNode;
}

/** Limits on learning; beyond them a function counts as unbounded. */
export interface LearnLimits {
  /** Results that one frame may receive. */
  readonly frameDepth: number;
  /** Nodes over all frames. */
  readonly nodes: number;
}

/**
 * Learns functions lazily, one list of results at a time.
 *
 * @throws EngineError `ENGINE_IMPURE` when a re-run differs, `ENGINE_UNBOUNDED` beyond the limits, `ENGINE_BAD_YIELD`,
 * `ENGINE_BARE_GENERATOR` and `ENGINE_ARGUMENT` for misuse of the model language
 */
export function createLearner(limits: LearnLimits, view?: View): Learner {
  const roots = new Map<FunctionRecord, Place>();
  let count = 0;
  let record: object | undefined;

  const looks = (): Looks => view?.looks() ?? NO_LOOKS;

  /** What was learned in circumstances that nobody can tell from the present ones. */
  const fitting = (node: FrameNode | undefined): FrameNode | undefined => {
    for (let at = node; at !== undefined; at = at.otherwise)
      if (at.looks === NO_LOOKS || (record !== undefined && agrees(record, at.looks))) return at;
    return undefined;
  };

  /** Where the frame of a call belongs, argument by argument. */
  const placeOf = ({ fn, args }: Call): Place => {
    let place = below(roots, fn);
    for (const arg of args) place = below(place.next, mapKey(arg, fn.name));
    return place;
  };

  const describe = (fn: FunctionRecord, next: IteratorResult<Op, unknown>): Step => {
    if (!next.done) return yielded(fn, next.value);
    const value = next.value;
    if (isCall(value)) return { kind: 'tail', call: settledCall(value) };
    if (isGenerator(value)) {
      throw new EngineError(
        'ENGINE_BARE_GENERATOR',
        fn.name,
        'returned a bare generator; return the call of a kernelFunction',
      );
    }
    settle(value, fn.name);
    return { kind: 'return', value };
  };

  const yielded = (fn: FunctionRecord, value: unknown): Step => {
    if (isCall(value)) return { kind: 'call', call: settledCall(value) };
    const candidate = value as Op | undefined;
    if (candidate?.type !== 'op') {
      throw new EngineError('ENGINE_BAD_YIELD', fn.name, 'yielded something that is neither an op nor a call');
    }
    settleOp(candidate);
    return { kind: 'op', op: candidate };
  };

  const resume = (fn: FunctionRecord, generator: Generator<Op, unknown, number>, result: unknown): Step => {
    try {
      return describe(fn, generator.next(result as number));
    } catch (error) {
      if (error instanceof EngineError) throw error;
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof TypeError && CHANGES_FROZEN.test(message))
        throw new EngineError('ENGINE_IMPURE', fn.name, `changes an argument or a result: ${message}`);
      return { kind: 'throw', message };
    }
  };

  const start = (frame: Frame): Generator<Op, unknown, number> => {
    const generator = frame.fn.body(...frame.args);
    if (!isGenerator(generator))
      throw new EngineError('ENGINE_BAD_YIELD', frame.fn.name, 'the body is not a generator function');
    return generator;
  };

  const make = (
    frame: Frame,
    parent: FrameNode | undefined,
    result: unknown,
    step: Step,
    live: FrameNode['live'],
  ): FrameNode => {
    if (++count > limits.nodes) {
      throw new EngineError(
        'ENGINE_UNBOUNDED',
        frame.fn.name,
        `more than ${limits.nodes} steps were learned; a loop that can run for ever must be a tail call`,
      );
    }
    const depth = parent === undefined ? 0 : parent.depth + 1;
    if (depth > limits.frameDepth) {
      throw new EngineError(
        'ENGINE_UNBOUNDED',
        frame.fn.name,
        `one call received more than ${limits.frameDepth} results (last step: ${nameOf(step).slice(0, 60)}); a loop that can run for ever must be a tail call`,
      );
    }
    return {
      frame,
      parent,
      result,
      depth,
      step,
      children: undefined,
      looks: looks(),
      otherwise: undefined,
      entered: undefined,
      live,
    };
  };

  /** Runs a fresh generator to `node`, holding every step against what was learned. */
  const rerun = (node: FrameNode): Generator<Op, unknown, number> => {
    const path: FrameNode[] = [];
    for (let at: FrameNode | undefined = node; at !== undefined; at = at.parent) path.push(at);
    path.reverse();
    const generator = start(node.frame);
    for (const [index, at] of path.entries()) {
      const step = resume(node.frame.fn, generator, at.result);
      if (!sameStep(step, at.step)) throw impure(node.frame.fn, index, at.step, step);
    }
    return generator;
  };

  /** A frame that ended is run once more: an impure function shows before anything rests on it. */
  const checkPurity = (node: FrameNode): void => {
    if (node.step.kind === 'op' || node.step.kind === 'call') return;
    rerun(node);
  };

  const enter = (call: Call): FrameNode => {
    const place = placeOf(call);
    const known = fitting(place.root);
    if (known !== undefined) return known;
    const frame: Frame = { fn: call.fn, args: call.args };
    looks();
    const generator = start(frame);
    const root = make(frame, undefined, undefined, resume(frame.fn, generator, undefined), generator);
    if (place.root === undefined) place.root = root;
    else append(place.root, root);
    checkPurity(root);
    return root;
  };

  return {
    begin(next) {
      record = next;
      count = 0;
    },
    enter,
    into(node) {
      const { step } = node;
      if (step.kind !== 'call' && step.kind !== 'tail') throw new Error('a node that stands at no call was entered');
      const known = fitting(node.entered);
      if (known !== undefined) return known;
      const entered = enter(step.call);
      node.entered ??= entered;
      return entered;
    },
    after(node, result) {
      const key = mapKey(result, node.frame.fn.name);
      const first = node.children?.get(key);
      const known = fitting(first);
      if (known !== undefined) return known;
      // What was looked at on the way here agrees; what is looked at from here on is the next step's.
      looks();
      const generator = node.live ?? rerun(node);
      node.live = undefined;
      const child = make(node.frame, node, result, resume(node.frame.fn, generator, result), generator);
      node.children ??= new Map();
      if (first === undefined) node.children.set(key, child);
      else append(first, child);
      checkPurity(child);
      return child;
    },
  };
}

function append(first: FrameNode, node: FrameNode): void {
  let last = first;
  while (last.otherwise !== undefined) last = last.otherwise;
  last.otherwise = node;
}

/** Roots of frames by function, then argument by argument. */
interface Place {
  readonly next: Map<unknown, Place>;
  root: FrameNode | undefined;
}

function below<K>(places: Map<K, Place>, key: K): Place {
  let place = places.get(key);
  if (place === undefined) {
    place = { next: new Map(), root: undefined };
    places.set(key, place);
  }
  return place;
}

function settledCall(call: Call): Call {
  for (const arg of call.args) settle(arg, call.fn.name);
  return call;
}

function settleOp(subject: Op): void {
  for (const { event, next } of subject.alternatives) {
    settle(event, subject.name);
    if (next !== undefined) settleOp(next);
  }
}

function sameStep(left: Step, right: Step): boolean {
  if (left.kind === 'op') return right.kind === 'op' && sameOp(left.op, right.op);
  if (left.kind === 'return') return right.kind === 'return' && sameValue(left.value, right.value);
  if (left.kind === 'throw') return right.kind === 'throw' && left.message === right.message;
  return left.kind === right.kind && sameCall(left.call, right.call);
}

/** What V8 says when code in strict mode changes something frozen. */
const CHANGES_FROZEN = /read only property|not extensible|Cannot delete property/;

function impure(fn: FunctionRecord, step: number, first: Step, then: Step): EngineError {
  const alike = nameOf(first) === nameOf(then);
  const [before, now] = [first, then].map((each) => (alike ? textOf(each) : nameOf(each)).slice(0, 120));
  return new EngineError(
    'ENGINE_IMPURE',
    fn.name,
    `run again with the same arguments and results, step ${step} was «${now}» instead of «${before}»; a modelled function may depend on nothing else`,
  );
}

function nameOf(step: Step): string {
  if (step.kind === 'op') return step.op.name;
  if (step.kind === 'call' || step.kind === 'tail') return `${step.kind} of ${step.call.fn.name}`;
  return textOf(step);
}

function textOf(step: Step): string {
  if (step.kind === 'op') return `op ${opKey(step.op)}`;
  if (step.kind === 'return') return `return ${valueKey(step.value, 'return')}`;
  if (step.kind === 'throw') return `throw ${step.message}`;
  return `${step.kind} ${step.call.fn.name}(${step.call.args.map((arg) => valueKey(arg, step.call.fn.name)).join()})`;
}

function isGenerator(value: unknown): value is Generator<Op, unknown, number> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { next?: unknown }).next === 'function' &&
    Symbol.iterator in value
  );
}
