import { type Alternative, choose, kernelFunction, load, note, type Op, op, set, when } from '@faultpath/engine';
import {
  type LockIdentity,
  lockEvent,
  type Machine,
  type ModelEvent,
  memalloc_nofs_restore,
  memalloc_nofs_save,
  type SuperBlock,
  type Victim,
} from '@faultpath/mm';
import { decided } from './decisions.ts';
import { does } from './era.ts';
import { needsInactive, xfs_inactive } from './inactive.ts';
import { type Inodegc, mountOf } from './mount.ts';

function identity({ work }: Inodegc): LockIdentity {
  return { lock: 'xfs_inodegc', instance: work.name, kind: 'completion' };
}

/** Waits until the worker is done; not between a freeze and its thaw, when inodes only stay listed. */
function idle({ work, busy, enabled }: Inodegc): Op {
  const stopped: Alternative[] = enabled === undefined ? [] : [{ when: [when(enabled, '==', 0)], does: [], result: 0 }];
  const allowed = enabled === undefined ? [] : [when(enabled, '==', 1)];
  return op(`flush ${work.name}`, [{ when: [...allowed, when(busy, '==', 0)], does: [], result: 1 }, ...stopped], {
    object: work,
    mode: 'shared',
  });
}

/**
 * The worker begins. It may do so at any time: somebody has always queued something. A task that queues an inode and
 * waits has to wait for a run that begins later; here it waits for one that began before, as that may block in any place
 * in which the later one could.
 */
function begin(gc: Inodegc): Op {
  return op(`${gc.work.name} runs`, [
    {
      when: gc.enabled === undefined ? [] : [when(gc.enabled, '==', 1)],
      does: [set(gc.busy, 1)],
      result: 0,
      acquires: [{ object: gc.work, mode: 'exclusive' }],
      event: lockEvent(identity(gc), 'acquired', 'exclusive', true),
    },
  ]);
}

function end(gc: Inodegc): Op {
  return op(`${gc.work.name} is done`, [
    {
      when: [],
      does: [set(gc.busy, 0)],
      result: 0,
      releases: [{ object: gc.work, mode: 'exclusive' }],
      event: lockEvent(identity(gc), 'release', 'exclusive'),
    },
  ]);
}

/**
 * May this task wait for the worker? Not with a transaction open: by `journal_info`, later by the scope. Where it may,
 * it depends on how much is queued, which is left open.
 *
 * @kernel fs/xfs/xfs_icache.c xfs_inodegc_want_flush_work v6.1
 * @locks none of its own
 * @omits counts
 */
export const xfs_inodegc_want_flush_work = kernelFunction(
  'xfs_inodegc_want_flush_work',
  function* (env: Machine, sb: SuperBlock) {
    const { journal_info, PF_MEMALLOC_NOFS } = env.current;
    const flag = does(env.era, 'journalInfo') ? journal_info : PF_MEMALLOC_NOFS;
    if ((yield load(flag)) !== 0 && decided(sb, 'noFlushInTransaction')) return 0;
    const much = yield choose(2, 'is much queued?');
    return much;
  },
);

/**
 * Waits for the worker.
 *
 * @kernel kernel/workqueue.c flush_delayed_work v6.1
 * @locks whatever the task holds stays held
 * @omits one worker for each CPU: all tasks share one here
 */
export const flush_delayed_work = kernelFunction('flush_delayed_work', function* (_env: Machine, sb: SuperBlock) {
  const gc = mountOf(sb).inodegc as Inodegc;
  const { lock, instance, kind } = identity(gc);
  const event: ModelEvent = { type: 'wait', lock, instance, kind };
  yield note('flush inodegc', event);
  yield idle(gc);
  return 0;
});

/**
 * Leaves an inode to the worker. Only where much is queued does the task wait for it.
 *
 * @kernel fs/xfs/xfs_icache.c xfs_inodegc_queue v6.1
 * @locks whatever the task holds stays held
 * @omits the list, and waking the worker: it may run at any time
 */
export const xfs_inodegc_queue = kernelFunction('xfs_inodegc_queue', function* (env: Machine, sb: SuperBlock) {
  const flush = yield* xfs_inodegc_want_flush_work(env, sb);
  if (flush === 1) yield* flush_delayed_work(env, sb);
  return 0;
});

/** What may stand on the list. */
function queuedKinds(env: Machine, sb: SuperBlock): readonly Victim[] {
  return env.victims.filter((victim) => victim.i_sb === sb && needsInactive(victim));
}

/** Does this mount leave inodes to a worker, and are there such inodes? */
export function hasWorker(env: Machine, sb: SuperBlock): boolean {
  return mountOf(sb).inodegc !== undefined && queuedKinds(env, sb).length > 0;
}

/**
 * Inactivates what was queued, in a NOFS scope: its own reclaim would wait for itself.
 *
 * @kernel fs/xfs/xfs_icache.c xfs_inodegc_worker v6.1
 * @locks none on entry; the work runs until return
 * @omits the list: one inode of any kind that was queued, every time it runs
 */
export const xfs_inodegc_worker = kernelFunction('xfs_inodegc_worker', function* (env: Machine, sb: SuperBlock) {
  const gc = mountOf(sb).inodegc as Inodegc;
  const kinds = queuedKinds(env, sb);
  yield begin(gc);
  const scoped = decided(sb, 'workerScope');
  const saved = scoped ? yield memalloc_nofs_save(env, 'xfs_inodegc_worker') : 0;
  const victim = kinds[yield choose(kinds.length, 'which inode is queued?')] as Victim;
  yield* xfs_inactive(env, victim);
  if (scoped) yield memalloc_nofs_restore(env, saved, 'xfs_inodegc_worker');
  yield end(gc);
  return 0;
});

/**
 * Stops the worker, and waits until it is done.
 *
 * @kernel fs/xfs/xfs_icache.c xfs_inodegc_stop v6.1
 * @locks s_umount and the first two freeze levels exclusively, as it is called in a freeze
 * @omits background work on blocks (blockgc), which no fault waits for
 */
export const xfs_inodegc_stop = kernelFunction('xfs_inodegc_stop', function* (env: Machine, sb: SuperBlock) {
  const gc = mountOf(sb).inodegc;
  if (gc?.enabled === undefined || !decided(sb, 'stopWorkerInFreeze') || !hasWorker(env, sb)) return 0;
  yield op(`${gc.work.name} is stopped`, [{ when: [], does: [set(gc.enabled, 0)], result: 0 }]);
  yield op(`wait for ${gc.work.name}`, [{ when: [when(gc.busy, '==', 0)], does: [], result: 0 }], {
    object: gc.work,
    mode: 'shared',
  });
  return 0;
});

/**
 * Starts the worker again, with what was listed meanwhile.
 *
 * @kernel fs/xfs/xfs_icache.c xfs_inodegc_start v6.1
 * @locks s_umount exclusively, as it is called in a thaw
 * @omits as xfs_inodegc_stop
 */
export const xfs_inodegc_start = kernelFunction('xfs_inodegc_start', function* (env: Machine, sb: SuperBlock) {
  const gc = mountOf(sb).inodegc;
  if (gc?.enabled === undefined || !decided(sb, 'stopWorkerInFreeze') || !hasWorker(env, sb)) return 0;
  yield op(`${gc.work.name} is started`, [{ when: [], does: [set(gc.enabled, 1)], result: 0 }]);
  return 0;
});
