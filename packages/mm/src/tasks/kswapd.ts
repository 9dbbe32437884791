import { kernelFunction, note, op } from '@faultpath/engine';
import type { ModelEvent } from '../events.ts';
import { memalloc_noreclaim_restore, memalloc_noreclaim_save } from '../locks/memalloc.ts';
import type { Machine, Victim } from '../machine/types.ts';
import { kswapdBegins, kswapdEnds } from '../reclaim/throttle.ts';
import { takes } from '../reclaim/victim.ts';
import { shrink_node } from '../reclaim/vmscan.ts';

/**
 * Brings a node back into balance: reclaims with FS and IO allowed.
 *
 * @kernel mm/vmscan.c balance_pgdat v6.1
 * @locks none
 * @omits watermarks, throttled tasks
 */
export const balance_pgdat = kernelFunction('balance_pgdat', function* (env: Machine, victim: Victim) {
  const enter: ModelEvent = {
    type: 'reclaim',
    action: 'enter',
    via: 'kswapd',
    effective: env.masks.fact(env.masks.of('GFP_KERNEL'), 'recorded'),
  };
  yield note('kswapd', enter);
  const saved = yield memalloc_noreclaim_save(env, 'kswapd');
  yield* shrink_node(env, victim);
  yield memalloc_noreclaim_restore(env, saved, 'kswapd');
  yield note('kswapd done', { ...enter, action: 'exit' });
  return 0;
});

/**
 * Reclaims in the background whenever there is something unused.
 *
 * @kernel mm/vmscan.c kswapd v6.1
 * @locks none
 * @omits when it is woken: it may run at any time
 */
export const kswapd = kernelFunction('kswapd', function* (env: Machine) {
  const taken = yield op(
    'kswapd wakes',
    // It may also find nothing worth taking, and go back to sleep.
    [
      ...env.victims.map((victim, index) => {
        const { when, does } = takes(victim);
        const begins = kswapdBegins(env);
        return { ...begins, when, does: [...does, ...begins.does], result: index };
      }),
      { when: [], does: [], result: env.victims.length },
    ],
  );
  const victim: Victim | undefined = env.victims[taken];
  if (victim === undefined) return 0;
  yield* balance_pgdat(env, victim);
  if (env.pfmemalloc !== undefined) yield kswapdEnds(env.pfmemalloc);
  return 0;
});
