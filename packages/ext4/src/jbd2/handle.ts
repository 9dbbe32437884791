import { add, choose, kernelFunction, load, note, type Op, op, set, store, when } from '@faultpath/engine';
import {
  kmem_cache_alloc,
  type LockIdentity,
  lockEvent,
  type Machine,
  type ModelEvent,
  memalloc_nofs_restore,
  memalloc_nofs_save,
  type SuperBlock,
} from '@faultpath/mm';
import { decides } from '../decisions.ts';
import { type Journal, journalOf } from './journal.ts';

export function handleIdentity(journal: Journal): LockIdentity {
  return { lock: 'jbd2_handle', instance: journal.handles.name, kind: 'handle' };
}

/** Is an open handle a NOFS scope? By the era, by a policy that says so, and not where a twin takes it away. */
function opensScope(env: Machine, sb: SuperBlock): boolean {
  return decides(sb, 'handleScope') && (env.era.jbd2HandleScope.is || env.policy.handleScope);
}

/** Joins the running transaction, as soon as it is not locked. */
function join(journal: Journal): Op {
  return op(
    `join ${journal.transaction.name}`,
    [
      {
        when: [when(journal.locked, '==', 0)],
        does: [set(journal.running, 1), add(journal.updates, 1)],
        result: 1,
        acquires: [{ object: journal.handles, mode: 'shared' }],
        // What it waits for is the transaction, not the handle: this step itself never waits.
        event: lockEvent(handleIdentity(journal), 'acquired', 'shared', true),
      },
    ],
    { object: journal.transaction, mode: 'shared' },
  );
}

/**
 * Sleeps while the running transaction is locked, and joins the one that is there then. The kernel comes here only if
 * it is locked, and looks again afterwards; looking, sleeping and joining are one step, as nothing else happens between
 * the last look and the join.
 *
 * @kernel fs/jbd2/transaction.c wait_transaction_locked v6.1
 * @locks no handle is open on entry; whatever else the task holds stays held
 * @omits asking for the commit, which may begin at any time
 */
export const wait_transaction_locked = kernelFunction(
  'wait_transaction_locked',
  function* (_env: Machine, sb: SuperBlock) {
    yield join(journalOf(sb));
    return 0;
  },
);

/**
 * Joins the running transaction, after waiting where it is locked.
 *
 * @kernel fs/jbd2/transaction.c add_transaction_credits v6.1
 * @locks returns with the handle open
 * @omits credits, log space and checkpoints: the log never runs full
 */
export const add_transaction_credits = kernelFunction(
  'add_transaction_credits',
  function* (env: Machine, sb: SuperBlock) {
    yield* wait_transaction_locked(env, sb);
    return 0;
  },
);

/**
 * Opens a handle. From v4.12 it is a NOFS scope from its end on.
 *
 * @kernel fs/jbd2/transaction.c start_this_handle v6.1
 * @locks returns with the handle open
 * @omits the barrier of a freeze or a flush; the transaction's own structure, which is asked for without FS, unless that
 * detail is asked for
 */
export const start_this_handle = kernelFunction('start_this_handle', function* (env: Machine, sb: SuperBlock) {
  if (env.bounds.detail !== undefined && (yield choose(2, 'no transaction is running')) === 1) {
    const mask = env.masks.of('GFP_NOFS|__GFP_NOFAIL|__GFP_ZERO');
    yield* kmem_cache_alloc(env, { site: 'start_this_handle', mask, charged: false });
  }
  yield* add_transaction_credits(env, sb);
  yield store(env.current.journal_info, sb.journal);
  yield store(env.current.h_ref, 1);
  const scope: ModelEvent = { type: 'scope', action: 'enter', scope: 'handle', by: 'start_this_handle' };
  yield note('handle open', scope);
  if (opensScope(env, sb)) {
    const saved = yield memalloc_nofs_save(env, 'start_this_handle');
    yield store(env.current.saved_nofs, saved);
  }
  return 0;
});

/**
 * Opens a handle, or takes one more reference of the one that the task has open. A handle of another journal is a
 * mistake that the kernel asserts against.
 *
 * @kernel fs/jbd2/transaction.c jbd2__journal_start v6.1
 * @locks returns with the handle open
 * @omits reserved handles, errors
 */
export const jbd2__journal_start = kernelFunction('jbd2__journal_start', function* (env: Machine, sb: SuperBlock) {
  const { journal_info, h_ref } = env.current;
  const info = yield load(journal_info);
  if (info === sb.journal) {
    yield op('h_ref += 1', [{ when: [], does: [add(h_ref, 1)], result: 0 }]);
    return 0;
  }
  if (info !== 0) {
    yield op('J_ASSERT(handle->h_transaction->t_journal == journal)', [
      {
        when: [],
        does: [],
        result: 0,
        error: {
          code: 'jbd2/foreign-handle',
          message: `the task has another filesystem's handle or transaction open, and starts a handle of ${sb.name}`,
        },
      },
    ]);
  }
  yield* kmem_cache_alloc(env, {
    site: 'jbd2__journal_start',
    mask: env.masks.of('GFP_NOFS|__GFP_ZERO'),
    charged: false,
  });
  yield* start_this_handle(env, sb);
  return 0;
});

/**
 * Gives one reference of the handle back; the last one closes it, and with it its scope.
 *
 * @kernel fs/jbd2/transaction.c jbd2_journal_stop v6.1
 * @locks the handle is open on entry; closed on return where this was the last reference
 * @omits synchronous handles, which wait for the commit after they are closed
 */
export const jbd2_journal_stop = kernelFunction('jbd2_journal_stop', function* (env: Machine, sb: SuperBlock) {
  const { journal_info, h_ref, saved_nofs } = env.current;
  const journal = journalOf(sb);
  const refs = yield load(h_ref);
  if (refs > 1) {
    yield op('h_ref -= 1', [{ when: [], does: [add(h_ref, -1)], result: 0 }]);
    return 0;
  }
  yield store(h_ref, 0);
  yield store(journal_info, 0);
  const scope: ModelEvent = { type: 'scope', action: 'exit', scope: 'handle', by: 'jbd2_journal_stop' };
  yield note('handle closed', scope);
  yield op(`leave ${journal.transaction.name}`, [
    {
      when: [],
      does: [add(journal.updates, -1)],
      result: 0,
      releases: [{ object: journal.handles, mode: 'shared' }],
      event: lockEvent(handleIdentity(journal), 'release', 'shared'),
    },
  ]);
  if (opensScope(env, sb)) {
    const saved = yield load(saved_nofs);
    yield store(saved_nofs, 0);
    yield memalloc_nofs_restore(env, saved, 'jbd2_journal_stop');
  }
  return 0;
});
