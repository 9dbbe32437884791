import { choose, type KernelFunction, kernelFunction, type Op } from '@faultpath/engine';
import { type LockIdentity, type Machine, type SuperBlock, toldLock, up_write } from '@faultpath/mm';
import type { XfsInode } from './mount.ts';

/** What a transaction has joined and gives back when it commits. */
export interface Joined {
  /** Its ILOCK goes with the commit. */
  readonly inode?: XfsInode;
  /** Locked buffers. */
  readonly buffers: number;
}

/** A metadata buffer is locked, or given back. Only recordings are compared with it: nobody waits in it for more. */
export function buffer(sb: SuperBlock, action: 'acquired' | 'release'): Op {
  const identity: LockIdentity = { lock: 'xfs_buf', instance: `${sb.name}.buf`, kind: 'buffer' };
  return toldLock(identity, action, 'exclusive');
}

/**
 * Puts the changes of a transaction in the list of the checkpoint. Commits share its lock, and what was joined is given
 * back under it. This is detail that recordings show; exploration has the commit as one step.
 *
 * @kernel fs/xfs/xfs_log_cil.c xlog_cil_commit v6.1
 * @locks takes and releases xc_ctx_lock shared; inside it the joined buffers, and the ILOCK joined for that, are given back
 * @omits a push of the checkpoint in the background; the shadows that things are logged from, had without sleeping
 */
export const xlog_cil_commit = kernelFunction(
  'xlog_cil_commit',
  function* (_env: Machine, sb: SuperBlock, joined: Joined | undefined) {
    const context: LockIdentity = { lock: 'xc_ctx_lock', instance: `${sb.name}.xc_ctx_lock`, kind: 'rwsem' };
    yield toldLock(context, 'acquired', 'shared');
    for (let left = joined?.buffers ?? 0; left > 0; left--) yield buffer(sb, 'release');
    if (joined?.inode !== undefined) yield up_write(joined.inode.ILOCK);
    yield toldLock(context, 'release', 'shared');
    return 0;
  },
);

/**
 * Waits for work that was queued before. The workqueue's mutex is given back while it waits, and taken again if it had to;
 * lockdep is told as if the work itself were a lock.
 *
 * @kernel kernel/workqueue.c __flush_workqueue v6.1
 * @locks takes and releases the workqueue's mutex
 * @omits several tasks that flush at once
 */
const __flush_workqueue = kernelFunction('__flush_workqueue', function* (env: Machine, sb: SuperBlock) {
  const work: LockIdentity = { lock: 'wq_completion', instance: `${sb.name}.xc_push_wq`, kind: 'completion' };
  const mutex: LockIdentity = { lock: 'wq_mutex', instance: `${sb.name}.xc_push_wq.mutex`, kind: 'mutex' };
  if (env.bounds.detail?.lockdep === true) {
    yield toldLock(work, 'acquired', 'exclusive');
    yield toldLock(work, 'release', 'exclusive');
  }
  const times = 1 + (yield choose(2, 'work was in flight'));
  for (let time = 0; time < times; time++) {
    yield toldLock(mutex, 'acquired', 'exclusive');
    yield toldLock(mutex, 'release', 'exclusive');
  }
  return 0;
});

/**
 * Pushes the checkpoint, and looks again until nothing of it is left. What pushes it is a worker, which waits for nobody
 * that a fault holds; this is detail that recordings show.
 *
 * @kernel fs/xfs/xfs_log_cil.c xlog_cil_force_seq v6.1
 * @locks as __flush_workqueue, each time; the caller's ILOCK stays held
 * @omits waiting for the commit record
 */
export const xlog_cil_force_seq: KernelFunction<[Machine, SuperBlock], number> = kernelFunction(
  'xlog_cil_force_seq',
  function* (env: Machine, sb: SuperBlock) {
    yield* __flush_workqueue(env, sb);
    if ((yield choose(2, 'something is left to push')) === 1) return xlog_cil_force_seq(env, sb);
    return 0;
  },
);
