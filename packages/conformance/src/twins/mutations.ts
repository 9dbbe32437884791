import { isCall, type Op } from '@faultpath/engine';
import type { FaultpathEvent } from '@faultpath/lockdep';
import type { Filesystem } from '@faultpath/mm';
import { eventsIn } from '../judge-model.ts';
import { takenShared } from '../mutants/edits.ts';
import { throughFrames } from '../mutants/frames.ts';
import { type Item, movesOf } from '../mutants/items.ts';
import { changeSteps } from './interpose.ts';

/** The lock that a step takes or gives back; undefined where it does something else. */
function lockOf(step: Op): { readonly lock: string; readonly action: string } | undefined {
  for (const { event } of step.alternatives)
    for (const each of eventsIn(event)) {
      const seen = each as FaultpathEvent;
      if (seen.type === 'lock' && seen.action !== 'contended') return { lock: seen.lock, action: seen.action };
    }
  return undefined;
}

/** The fault handler forgets to give a lock back. */
export function neverReleases(fs: Filesystem, lock: string): Filesystem {
  return changeSteps(fs, (step) => (givesBack(step, lock) ? [] : undefined), 'fault');
}

function givesBack(step: Op, lock: string): boolean {
  const seen = lockOf(step);
  return seen?.lock === lock && seen.action === 'release';
}

/** The fault handler gives a lock back twice. */
export function releasesTwice(fs: Filesystem, lock: string): Filesystem {
  return changeSteps(fs, (step) => (givesBack(step, lock) ? [step, step] : undefined), 'fault');
}

/** No handler takes a lock any more. */
export function neverTakes(fs: Filesystem, lock: string): Filesystem {
  return changeSteps(fs, (step) => (lockOf(step)?.lock === lock ? [] : undefined));
}

/** No handler opens or closes a scope of this kind any more. */
export function neverScopes(fs: Filesystem, scope: string): Filesystem {
  return changeSteps(fs, (step) => {
    const [first] = movesOf(step);
    return first?.what === 'scope' && first.name === scope ? [] : undefined;
  });
}

/** The adapter's own functions take a lock shared that they took exclusively. */
export function takesShared(fs: Filesystem, lock: string): Filesystem {
  return throughFrames(fs, function* sharing(fn, args) {
    const body = fn.body(...args);
    let next = body.next();
    while (!next.done) {
      const item: Item = next.value;
      const exclusive = !isCall(item) && movesOf(item).some(({ name, mode }) => name === lock && mode === 'exclusive');
      next = body.next((yield exclusive ? takenShared(item, lock, args) : item) as number);
    }
    return next.value;
  });
}

/** One of the adapter's decisions turned round; undefined where it has no such decision. */
export function turned(fs: Filesystem, decision: string): Filesystem | undefined {
  const made = fs.decisions?.[decision];
  return made === undefined ? undefined : { ...fs, decisions: { ...fs.decisions, [decision]: !made } };
}
