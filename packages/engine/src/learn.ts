import { EngineError } from './errors.ts';
import { type Call, type FunctionRecord, isCall } from './kernel-function.ts';
import { type Op, opKey } from './op.ts';
import { valueKey } from './value.ts';

/** What a frame does next. */
export type Step =
  | { readonly kind: 'op'; readonly op: Op; readonly key: string }
  | { readonly kind: 'call'; readonly call: Call; readonly key: string }
  | { readonly kind: 'tail'; readonly call: Call; readonly key: string }
  | { readonly kind: 'return'; readonly value: unknown; readonly key: string }
  | { readonly kind: 'throw'; readonly message: string; readonly key: string };

/** A frame after a list of results: because functions are pure, that list is the frame's whole local state. */
export interface FrameNode {
  readonly id: number;
  readonly frame: Frame;
  readonly parent: FrameNode | undefined;
  readonly result: unknown;
  readonly depth: number;
  readonly step: Step;
  readonly children: Map<string, FrameNode>;
  /** A generator that stands exactly here and was not resumed yet. */
  live: Generator<Op, unknown, number> | undefined;
}

/** A function with its arguments. */
export interface Frame {
  readonly fn: FunctionRecord;
  readonly args: readonly unknown[];
  readonly key: string;
}

/** What has been learned of every function that was called; shared by all threads of a model. */
export interface Learner {
  /** The node at which a call starts. */
  enter(call: Call): FrameNode;
  /** The node after one more result. */
  after(node: FrameNode, result: unknown): FrameNode;
  readonly nodes: number;
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
export function createLearner(limits: LearnLimits): Learner {
  const roots = new Map<string, FrameNode>();
  const functionIds = new Map<FunctionRecord, number>();
  let count = 0;

  const frameOf = (call: Call): Frame => {
    let id = functionIds.get(call.fn);
    if (id === undefined) {
      id = functionIds.size;
      functionIds.set(call.fn, id);
    }
    const key = `${id}(${call.args.map((arg) => valueKey(arg, call.fn.name)).join()})`;
    return { fn: call.fn, args: call.args, key };
  };

  const describe = (fn: FunctionRecord, next: IteratorResult<Op, unknown>): Step => {
    if (!next.done) return yielded(fn, next.value);
    const value = next.value;
    if (isCall(value)) return { kind: 'tail', call: value, key: `tail ${frameOf(value).key}` };
    if (isGenerator(value)) {
      throw new EngineError(
        'ENGINE_BARE_GENERATOR',
        fn.name,
        'returned a bare generator; return the call of a kernelFunction',
      );
    }
    return { kind: 'return', value, key: `return ${valueKey(value, fn.name)}` };
  };

  const yielded = (fn: FunctionRecord, value: unknown): Step => {
    if (isCall(value)) return { kind: 'call', call: value, key: `call ${frameOf(value).key}` };
    const candidate = value as Op | undefined;
    if (candidate?.type !== 'op') {
      throw new EngineError('ENGINE_BAD_YIELD', fn.name, 'yielded something that is neither an op nor a call');
    }
    return { kind: 'op', op: candidate, key: `op ${opKey(candidate)}` };
  };

  const resume = (fn: FunctionRecord, generator: Generator<Op, unknown, number>, result: unknown): Step => {
    try {
      return describe(fn, generator.next(result as number));
    } catch (error) {
      if (error instanceof EngineError) throw error;
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof TypeError && CHANGES_FROZEN.test(message))
        throw new EngineError('ENGINE_IMPURE', fn.name, `changes an argument or a result: ${message}`);
      return { kind: 'throw', message, key: `throw ${message}` };
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
    return { id: count, frame, parent, result, depth, step, children: new Map(), live };
  };

  /** Runs a fresh generator to `node`, holding every step against what was learned. */
  const rerun = (node: FrameNode): Generator<Op, unknown, number> => {
    const path: FrameNode[] = [];
    for (let at: FrameNode | undefined = node; at !== undefined; at = at.parent) path.push(at);
    path.reverse();
    const generator = start(node.frame);
    for (const [index, at] of path.entries()) {
      const step = resume(node.frame.fn, generator, at.result);
      if (step.key !== at.step.key) throw impure(node.frame.fn, index, at.step, step);
    }
    return generator;
  };

  /** A frame that ended is run once more: an impure function shows before anything rests on it. */
  const checkPurity = (node: FrameNode): void => {
    if (node.step.kind === 'op' || node.step.kind === 'call') return;
    rerun(node);
  };

  return {
    get nodes() {
      return count;
    },
    enter(call) {
      const frame = frameOf(call);
      const known = roots.get(frame.key);
      if (known !== undefined) return known;
      const generator = start(frame);
      const root = make(frame, undefined, undefined, resume(frame.fn, generator, undefined), generator);
      roots.set(frame.key, root);
      checkPurity(root);
      return root;
    },
    after(node, result) {
      const key = valueKey(result, node.frame.fn.name);
      const known = node.children.get(key);
      if (known !== undefined) return known;
      const generator = node.live ?? rerun(node);
      node.live = undefined;
      const child = make(node.frame, node, result, resume(node.frame.fn, generator, result), generator);
      node.children.set(key, child);
      checkPurity(child);
      return child;
    },
  };
}

/** What V8 says when code in strict mode changes something frozen. */
const CHANGES_FROZEN = /read only property|not extensible|Cannot delete property/;

function impure(fn: FunctionRecord, step: number, first: Step, then: Step): EngineError {
  const alike = nameOf(first) === nameOf(then);
  const [before, now] = [first, then].map((each) => (alike ? each.key : nameOf(each)).slice(0, 120));
  return new EngineError(
    'ENGINE_IMPURE',
    fn.name,
    `run again with the same arguments and results, step ${step} was «${now}» instead of «${before}»; a modelled function may depend on nothing else`,
  );
}

function nameOf(step: Step): string {
  if (step.kind === 'op') return step.op.name;
  if (step.kind === 'call' || step.kind === 'tail') return `${step.kind} of ${step.call.fn.name}`;
  return step.key;
}

function isGenerator(value: unknown): value is Generator<Op, unknown, number> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { next?: unknown }).next === 'function' &&
    Symbol.iterator in value
  );
}
