import { add, kernelFunction, load, op, store } from '@faultpath/engine';
import {
  down_read,
  type Machine,
  memalloc_nofs_restore,
  memalloc_nofs_save,
  type Rwsem,
  type SuperBlock,
  sb_end_intwrite,
  sb_start_intwrite,
  up_read,
} from '@faultpath/mm';
import { decides } from './decisions.ts';

/** What a mount of nilfs2 has. */
export interface Nilfs2 {
  /** Held shared by transactions, exclusively while a segment is constructed. */
  readonly ns_segctor_sem: Rwsem;
}

/** What belongs to a superblock. */
export function nilfsOf(sb: SuperBlock): Nilfs2 {
  return sb.s_fs_info as Nilfs2;
}

/**
 * Begins a transaction. Inside one that the task has begun already it only counts: what the task reclaims can therefore
 * not wait for what the task holds. Another task's reclaim can.
 *
 * @kernel fs/nilfs2/segment.c nilfs_transaction_begin v6.1
 * @locks returns with sb_internal and ns_segctor_sem held shared
 * @omits the check for free segments; a transaction of another filesystem that the task has open, which is put aside;
 * the structure, allocated with GFP_NOFS before
 */
export const nilfs_transaction_begin = kernelFunction(
  'nilfs_transaction_begin',
  function* (env: Machine, sb: SuperBlock) {
    const { journal_info, h_ref } = env.current;
    const info = yield load(journal_info);
    if (info !== 0 && info !== sb.journal) {
      const message = `the task has a handle or transaction of another filesystem than ${sb.name} open: not modelled`;
      yield op('put aside current->journal_info', [
        { when: [], does: [], result: 0, error: { code: 'nilfs2/foreign-transaction', message } },
      ]);
    }
    if (info !== 0 && decides(sb, 'nestsTransactions')) {
      yield op('ti_count += 1', [{ when: [], does: [add(h_ref, 1)], result: 0 }]);
      return 0;
    }
    yield sb_start_intwrite(sb);
    yield down_read(nilfsOf(sb).ns_segctor_sem);
    yield store(journal_info, sb.journal);
    // No release does this: it is the policy to be tried.
    if (env.policy.handleScope) {
      const saved = yield memalloc_nofs_save(env, 'nilfs_transaction_begin');
      yield store(env.current.saved_nofs, saved);
    }
    yield op('ti_count += 1', [{ when: [], does: [add(h_ref, 1)], result: 0 }]);
    return 0;
  },
);

/**
 * Ends a transaction; the outermost gives the semaphore back.
 *
 * @kernel fs/nilfs2/segment.c nilfs_transaction_commit v6.1
 * @locks sb_internal and ns_segctor_sem held shared on entry; released where this was the last reference
 * @omits waking the segment constructor, which may run at any time; synchronous transactions, which wait for it after
 * the semaphore was released
 */
export const nilfs_transaction_commit = kernelFunction(
  'nilfs_transaction_commit',
  function* (env: Machine, sb: SuperBlock) {
    const { journal_info, h_ref } = env.current;
    const count = yield load(h_ref);
    yield op('ti_count -= 1', [{ when: [], does: [add(h_ref, -1)], result: 0 }]);
    if (count > 1 && decides(sb, 'nestsTransactions')) return 0;
    if (count === 1) yield store(journal_info, 0);
    if (env.policy.handleScope) {
      const saved = yield load(env.current.saved_nofs);
      yield store(env.current.saved_nofs, 0);
      yield memalloc_nofs_restore(env, saved, 'nilfs_transaction_commit');
    }
    yield up_read(nilfsOf(sb).ns_segctor_sem);
    yield sb_end_intwrite(sb);
    return 0;
  },
);
