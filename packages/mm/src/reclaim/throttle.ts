import { type Alternative, kernelFunction, type Op, op, set, type World, when } from '@faultpath/engine';
import type { Machine, Pfmemalloc } from '../machine/types.ts';

/** Makes what throttling needs. */
export function createThrottle(world: World): Pfmemalloc {
  return { low: world.cell('pfmemalloc.low', 1), wait: world.object('pfmemalloc_wait', { lock: 'pfmemalloc_wait' }) };
}

/** What an allocation that may enter filesystems finds where memory is that low; nothing where nobody is throttled. */
export function throttled({ pfmemalloc }: Machine): readonly Pick<Alternative, 'when' | 'does'>[] {
  return pfmemalloc === undefined ? [] : [{ when: [], does: [set(pfmemalloc.low, 1)] }];
}

/**
 * Waits until kswapd made progress. Only a task that may enter filesystems waits for as long as it takes: another one
 * may hold what kswapd waits for, goes on after a second, and so has no step here.
 *
 * @kernel mm/vmscan.c throttle_direct_reclaim v6.1
 * @locks whatever the task holds stays held
 * @omits a fatal signal, which ends the wait; memory that others free: only kswapd lifts the shortage
 */
export const throttle_direct_reclaim = kernelFunction('throttle_direct_reclaim', function* (env: Machine) {
  if (env.pfmemalloc === undefined) return 0;
  const { low, wait } = env.pfmemalloc;
  yield op('wait for kswapd', [{ when: [when(low, '==', 0)], does: [], result: 0 }], { object: wait, mode: 'shared' });
  return 0;
});

/** kswapd works: who is throttled waits for it. */
export function kswapdBegins({ pfmemalloc }: Machine): Pick<Alternative, 'acquires'> {
  return pfmemalloc === undefined ? {} : { acquires: [{ object: pfmemalloc.wait, mode: 'exclusive' }] };
}

/** kswapd has found enough without waiting for anybody. */
export function kswapdBalanced({ pfmemalloc }: Machine): Alternative['does'] {
  return pfmemalloc === undefined ? [] : [set(pfmemalloc.low, 0)];
}

/** kswapd has done its round. */
export function kswapdEnds({ low, wait }: Pfmemalloc): Op {
  return op('kswapd wakes throttled tasks', [
    { when: [], does: [set(low, 0)], result: 0, releases: [{ object: wait, mode: 'exclusive' }] },
  ]);
}
