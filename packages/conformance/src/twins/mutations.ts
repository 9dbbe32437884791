import type { Op } from '@faultpath/engine';
import type { FaultpathEvent } from '@faultpath/lockdep';
import type { Filesystem } from '@faultpath/mm';
import { eventsIn } from '../judge-model.ts';
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
