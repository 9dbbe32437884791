import { isCall, type Op } from '@faultpath/engine';
import type { Filesystem } from '@faultpath/mm';
import { throughFrames } from '../mutants/frames.ts';
import type { Item } from '../mutants/items.ts';

/** What is done instead of a step: other steps in its place, none for leaving it out. The last one's result counts. */
export type ChangeStep = (step: Op, at: { readonly fn: string }) => readonly Op[] | undefined;

/**
 * An adapter whose handlers, and everything they call, take other steps. `change` gives undefined for a step that stays;
 * it must depend on nothing but its arguments. With `fault` only the fault handler changes. A step that is left out gives the result of its first alternative.
 */
export function changeSteps(fs: Filesystem, change: ChangeStep, handlers: 'all' | 'fault' = 'all'): Filesystem {
  return throughFrames(
    fs,
    function* changing(fn, args) {
      const body = fn.body(...args);
      let next = body.next();
      while (!next.done) {
        const item: Item = next.value;
        const instead: readonly Item[] = (isCall(item) ? undefined : change(item, { fn: fn.name })) ?? [item];
        let result: unknown = isCall(item) ? 0 : item.alternatives[0]?.result;
        for (const each of instead) result = yield each;
        next = body.next(result as number);
      }
      return next.value;
    },
    { core: true, ...(handlers === 'fault' ? { only: 'vm_ops' } : {}) },
  );
}
