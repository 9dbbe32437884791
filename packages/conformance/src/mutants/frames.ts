import * as dax from '@faultpath/dax';
import { type Call, type KernelFunction, kernelFunction, type Op } from '@faultpath/engine';
import type { Filesystem } from '@faultpath/mm';
import * as mm from '@faultpath/mm';
import { type Item, isCallItem } from './items.ts';

type FunctionRecord = Call['fn'];

/** Goes through the body of one function of the adapter. It must depend on nothing but its arguments. */
export type FrameBody = (fn: FunctionRecord, args: readonly unknown[]) => Generator<Item, unknown, unknown>;

/** The body as it stands. */
export function* asWritten(fn: FunctionRecord, args: readonly unknown[]): Generator<Item, unknown, unknown> {
  return yield* fn.body(...args) as unknown as Generator<Item, unknown, unknown>;
}

/** The core's functions that an adapter may call or hand in as its own. */
const coreFunctions: ReadonlySet<FunctionRecord> = new Set(
  [...Object.values(mm), ...Object.values(dax)].flatMap((each: unknown) => {
    const record = recordOf(each);
    return record === undefined ? [] : [record];
  }),
);

/** Making a call runs nothing, and tells which function it is of. */
function recordOf(value: unknown): FunctionRecord | undefined {
  if (typeof value !== 'function' || !('functionName' in value)) return undefined;
  return (value as unknown as () => Call)().fn;
}

/**
 * An adapter whose own functions are gone through by `body`, and those of the core as ever. What the core calls back are
 * the adapter's own functions again.
 */
export function throughFrames(fs: Filesystem, body: FrameBody): Filesystem {
  const wrapped = new Map<FunctionRecord, KernelFunction<unknown[], unknown>>();

  const wrap = (fn: FunctionRecord): KernelFunction<unknown[], unknown> => {
    const known = wrapped.get(fn);
    if (known !== undefined) return known;
    const made = kernelFunction(fn.name, (...args: unknown[]) => own(fn, args)) as KernelFunction<unknown[], unknown>;
    wrapped.set(fn, made);
    return made;
  };
  const again = (call: Call): Call =>
    coreFunctions.has(call.fn) ? call : (wrap(call.fn)(...call.args) as unknown as Call);

  function* own(fn: FunctionRecord, args: readonly unknown[]): Generator<Op, unknown, number> {
    const steps = body(fn, args);
    let next = steps.next();
    while (!next.done) {
      const item = next.value;
      next = steps.next(isCallItem(item) ? yield* again(item) : yield item);
    }
    const value = next.value;
    return isPending(value) ? again(value) : value;
  }

  const handler = <F>(given: F): F => {
    const record = recordOf(given);
    return record === undefined || coreFunctions.has(record) ? given : (wrap(record) as unknown as F);
  };
  const table = <T extends object | undefined>(given: T): T =>
    given === undefined
      ? given
      : (Object.fromEntries(Object.entries(given).map(([name, each]) => [name, handler(each)])) as T);
  return {
    ...fs,
    vm_ops: table(fs.vm_ops),
    iomap_ops: table(fs.iomap_ops),
    s_op: table(fs.s_op),
    f_op: table(fs.f_op),
    ...(fs.a_ops === undefined ? {} : { a_ops: table(fs.a_ops) }),
    ...(fs.i_op === undefined ? {} : { i_op: table(fs.i_op) }),
    threads: fs.threads.map((thread) => ({
      ...thread,
      start: (env, sb) => again(thread.start(env, sb)) as Call<number>,
    })),
  };
}

function isPending(value: unknown): value is Call {
  return (value as { type?: unknown } | null | undefined)?.type === 'call';
}
