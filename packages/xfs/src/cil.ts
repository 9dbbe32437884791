import { choose, kernelFunction, note, type Op } from '@faultpath/engine';
import { kmem_cache_alloc, type LockIdentity, lockEvent, type Machine, type SuperBlock, up_write } from '@faultpath/mm';
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
  return note(`${action} xfs_buf`, lockEvent(identity, action, 'exclusive'));
}

/**
 * Puts the changes of a transaction in the list of the checkpoint. Commits share its lock, and what was joined is given
 * back under it. This is detail that recordings show; exploration has the commit as one step.
 *
 * @kernel fs/xfs/xfs_log_cil.c xlog_cil_commit v6.1
 * @locks takes and releases xc_ctx_lock shared; inside it the joined buffers, and the ILOCK joined for that, are given back
 * @omits a push of the checkpoint in the background; attempts to allocate that cannot sleep
 */
export const xlog_cil_commit = kernelFunction(
  'xlog_cil_commit',
  function* (env: Machine, sb: SuperBlock, joined: Joined | undefined) {
    const context: LockIdentity = { lock: 'xc_ctx_lock', instance: `${sb.name}.xc_ctx_lock`, kind: 'rwsem' };
    if ((yield choose(2, 'a buffer has no shadow to be logged from')) === 1) {
      const mask = env.masks.of('GFP_NOFS|__GFP_NOWARN|__GFP_ZERO');
      yield* kmem_cache_alloc(env, { site: 'kmem_alloc', mask, charged: false });
    }
    yield note('down_read xc_ctx_lock', lockEvent(context, 'acquired', 'shared'));
    for (let left = joined?.buffers ?? 0; left > 0; left--) yield buffer(sb, 'release');
    if (joined?.inode !== undefined) yield up_write(joined.inode.ILOCK);
    yield note('up_read xc_ctx_lock', lockEvent(context, 'release', 'shared'));
    return 0;
  },
);
