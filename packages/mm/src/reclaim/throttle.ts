import { type Alternative, kernelFunction, type Op, op, set, type World, when } from '@faultpath/engine';
import type { Machine, Pfmemalloc } from '../machine/types.ts';

/** Makes what throttling needs. */
export function createThrottle(world: World): Pfmemalloc {
  return { busy: world.cell('kswapd.busy', 1), wait: world.object('pfmemalloc_wait', { lock: 'pfmemalloc_wait' }) };
}

/**
 * Waits until kswapd made progress: for the end of the round that it is in. Between rounds nothing keeps it from finding
 * enough, so that nobody waits then. Only a task that may enter filesystems waits for as long as it takes: another one
 * may hold what kswapd waits for, goes on after a second, and so has no step here.
 *
 * @kernel mm/vmscan.c throttle_direct_reclaim v6.1
 * @locks whatever the task holds stays held
 * @omits a fatal signal, which ends the wait; memory that others free: only kswapd lifts the shortage
 */
export const throttle_direct_reclaim = kernelFunction('throttle_direct_reclaim', function* (env: Machine) {
  if (env.pfmemalloc === undefined) return 0;
  const { busy, wait } = env.pfmemalloc;
  yield op('wait for kswapd', [{ when: [when(busy, '==', 0)], does: [], result: 0 }], { object: wait, mode: 'shared' });
  return 0;
});

/** kswapd begins a round: who is throttled waits for its end. */
export function kswapdBegins({ pfmemalloc }: Machine): Pick<Alternative, 'does' | 'acquires'> {
  return pfmemalloc === undefined
    ? { does: [] }
    : { does: [set(pfmemalloc.busy, 1)], acquires: [{ object: pfmemalloc.wait, mode: 'exclusive' }] };
}

/** kswapd has done its round. */
export function kswapdEnds({ busy, wait }: Pfmemalloc): Op {
  return op('kswapd wakes throttled tasks', [
    { when: [], does: [set(busy, 0)], result: 0, releases: [{ object: wait, mode: 'exclusive' }] },
  ]);
}
