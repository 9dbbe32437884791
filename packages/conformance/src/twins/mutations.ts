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

/** Every handler forgets to give a lock back. */
export function neverReleases(fs: Filesystem, lock: string): Filesystem {
  return changeSteps(fs, (step) => {
    const seen = lockOf(step);
    return seen?.lock === lock && seen.action === 'release' ? [] : undefined;
  });
}

/** Every handler gives a lock back twice. */
export function releasesTwice(fs: Filesystem, lock: string): Filesystem {
  return changeSteps(fs, (step) => {
    const seen = lockOf(step);
    return seen?.lock === lock && seen.action === 'release' ? [step, step] : undefined;
  });
}

/** No handler takes a lock any more. */
export function neverTakes(fs: Filesystem, lock: string): Filesystem {
  return changeSteps(fs, (step) => (lockOf(step)?.lock === lock ? [] : undefined));
}
