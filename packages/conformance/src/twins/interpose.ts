import { type Call, type KernelFunction, kernelFunction, type Op } from '@faultpath/engine';
import type { Filesystem } from '@faultpath/mm';

/** What is done instead of a step: other steps in its place, none for leaving it out. The last one's result counts. */
export type ChangeStep = (step: Op, at: { readonly fn: string }) => readonly Op[] | undefined;

type Record = Call['fn'];

/**
 * An adapter whose handlers, and everything they call, take other steps. `change` gives undefined for a step that stays;
 * it must depend on nothing but its arguments. With `fault` only the fault handler changes. A step that is left out gives the result of its first alternative.
 */
export function changeSteps(fs: Filesystem, change: ChangeStep, handlers: 'all' | 'fault' = 'all'): Filesystem {
  const wrapped = new Map<Record, KernelFunction<unknown[], unknown>>();

  const wrap = (fn: Record): KernelFunction<unknown[], unknown> => {
    const known = wrapped.get(fn);
    if (known !== undefined) return known;
    const made = kernelFunction(fn.name, (...args: unknown[]) => changed(fn, args)) as KernelFunction<
      unknown[],
      unknown
    >;
    wrapped.set(fn, made);
    return made;
  };
  const again = (call: Call): Call => wrap(call.fn)(...call.args) as Call;

  function* changed(fn: Record, args: readonly unknown[]): Generator<Op, unknown, number> {
    const body = fn.body(...args);
    let next = body.next();
    while (!next.done) {
      const step: unknown = next.value;
      if (isCall(step)) {
        next = body.next((yield* again(step)) as number);
        continue;
      }
      const instead = change(step as Op, { fn: fn.name }) ?? [step as Op];
      let result = (step as Op).alternatives[0]?.result ?? 0;
      for (const each of instead) result = yield each;
      next = body.next(result);
    }
    return isCall(next.value) ? again(next.value) : next.value;
  }

  // A handler's record is known by a call of it; making a call runs nothing.
  const handler = <F>(given: F): F =>
    typeof given === 'function' && 'functionName' in given
      ? (wrap((given as unknown as () => Call)().fn) as unknown as F)
      : given;
  const table = <T extends object>(given: T): T =>
    Object.fromEntries(Object.entries(given).map(([name, each]) => [name, handler(each)])) as T;
  if (handlers === 'fault') return { ...fs, vm_ops: table(fs.vm_ops) };
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

function isCall(value: unknown): value is Call {
  return (value as { type?: unknown } | undefined)?.type === 'call';
}
