import { EngineError } from './errors.ts';
import type { Op } from './op.ts';
import { registerConstant } from './value.ts';

/** A call of a modelled function, not yet made: `yield*` it, or return it for a tail call. */
export interface Call<R = unknown> {
  readonly type: 'call';
  readonly fn: FunctionRecord;
  readonly args: readonly unknown[];
  /** Hands the call to the engine, which keeps the frame stack itself. */
  [Symbol.iterator](): Iterator<Op, R, unknown>;
}

/** What a body returns: a value, or a call whose value it becomes. */
export type Returned<T> = T extends Call<infer R> ? R : T;

/** A modelled function. Calling it does nothing; see {@link Call}. */
export type KernelFunction<A extends readonly unknown[], R> = ((...args: A) => Call<R>) & {
  readonly functionName: string;
};

/** The engine's record of a modelled function. */
export interface FunctionRecord {
  readonly name: string;
  readonly body: (...args: readonly unknown[]) => Generator<Op, unknown, number>;
}

/**
 * Makes a modelled function. The body is a generator: `yield op` is a step that other threads can see and gives the
 * op's result, `yield* f(x)` calls a modelled function, `return f(x)` is a tail call. Its behaviour must depend on
 * its arguments and on what its ops and calls returned, and on nothing else.
 *
 * @param name the kernel's name of the function; a string, because bundlers rename functions
 * @throws EngineError `ENGINE_ARGUMENT` for an empty name
 */
export function kernelFunction<A extends readonly unknown[], T>(
  name: string,
  body: (...args: A) => Generator<Op, T, number>,
): KernelFunction<A, Returned<T>> {
  if (name === '') throw new EngineError('ENGINE_ARGUMENT', 'kernelFunction', 'a modelled function needs a name');
  const fn: FunctionRecord = { name, body: body as unknown as FunctionRecord['body'] };
  const make = (...args: A): Call<Returned<T>> => new PendingCall<Returned<T>>(fn, args);
  Object.defineProperty(make, 'functionName', { value: name });
  Object.defineProperty(make, 'name', { value: name });
  return registerConstant(make) as unknown as KernelFunction<A, Returned<T>>;
}

class PendingCall<R> implements Call<R> {
  readonly type = 'call';
  readonly fn: FunctionRecord;
  readonly args: readonly unknown[];

  constructor(fn: FunctionRecord, args: readonly unknown[]) {
    this.fn = fn;
    this.args = args;
  }

  [Symbol.iterator](): Iterator<Op, R, unknown> {
    let handedOver = false;
    return {
      next: (value: unknown): IteratorResult<Op, R> => {
        if (handedOver) return { done: true, value: value as R };
        handedOver = true;
        // The engine recognises the call by its type; to the author it looks like an op that gives R.
        return { done: false, value: this as unknown as Op };
      },
    };
  }
}

/** Is this what `f(x)` gave? */
export function isCall(value: unknown): value is Call {
  return value instanceof PendingCall;
}
