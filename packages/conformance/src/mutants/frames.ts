import * as dax from '@faultpath/dax';
import { type Call, isCall, type KernelFunction, kernelFunction, type Op } from '@faultpath/engine';
import type { Filesystem } from '@faultpath/mm';
import * as mm from '@faultpath/mm';
import { type Handler, type HandlerTable, mapHandlers, recordOf } from '../handlers.ts';
import type { Item } from './items.ts';

type FunctionRecord = Call['fn'];

/** Goes through the body of one function. It must depend on nothing but its arguments. */
export type FrameBody = (fn: FunctionRecord, args: readonly unknown[]) => Generator<Item, unknown, unknown>;

/** Whose functions are gone through. */
export interface FrameOptions {
  /** Those of the core, too; only the adapter's own otherwise. */
  readonly core?: boolean;
  /** Only what this table's handlers come to, and no thread. */
  readonly only?: HandlerTable;
}

/** The body as it stands. */
export function* asWritten(fn: FunctionRecord, args: readonly unknown[]): Generator<Item, unknown, unknown> {
  return yield* fn.body(...args) as unknown as Generator<Item, unknown, unknown>;
}

/** The core's functions that an adapter may call or hand in as its own. */
const coreFunctions: ReadonlySet<FunctionRecord> = new Set(
  [...Object.values(mm), ...Object.values(dax)].flatMap((each: unknown) =>
    typeof each === 'function' && 'functionName' in each ? [recordOf(each as Handler)] : [],
  ),
);

/**
 * An adapter whose functions are gone through by `body`. What the core calls back are the adapter's own functions again.
 */
export function throughFrames(fs: Filesystem, body: FrameBody, { core = false, only }: FrameOptions = {}): Filesystem {
  const wrapped = new Map<FunctionRecord, KernelFunction<unknown[], unknown>>();

  const wrap = (fn: FunctionRecord): KernelFunction<unknown[], unknown> => {
    const known = wrapped.get(fn);
    if (known !== undefined) return known;
    const made = kernelFunction(fn.name, (...args: unknown[]) => own(fn, args)) as KernelFunction<unknown[], unknown>;
    wrapped.set(fn, made);
    return made;
  };
  const stays = (fn: FunctionRecord): boolean => !core && coreFunctions.has(fn);
  const again = (call: Call): Call => (stays(call.fn) ? call : (wrap(call.fn)(...call.args) as Call));

  function* own(fn: FunctionRecord, args: readonly unknown[]): Generator<Op, unknown, number> {
    const steps = body(fn, args);
    let next = steps.next();
    while (!next.done) {
      const item = next.value;
      next = steps.next(isCall(item) ? yield* again(item) : yield item);
    }
    return isCall(next.value) ? again(next.value) : next.value;
  }

  const handler = (given: Handler): Handler =>
    stays(recordOf(given)) ? given : (wrap(recordOf(given)) as unknown as Handler);
  const changed = mapHandlers(fs, handler, only);
  if (only !== undefined) return changed;
  const threads = fs.threads.map((thread) => ({
    ...thread,
    start: (...args: Parameters<typeof thread.start>) => again(thread.start(...args)) as Call<number>,
  }));
  return { ...changed, threads };
}
