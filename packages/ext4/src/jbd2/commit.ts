import { type Alternative, add, type Cell, kernelFunction, note, type Op, op, set, when } from '@faultpath/engine';
import { type LockIdentity, lockEvent, type Machine, type ModelEvent, type SuperBlock, toldLock } from '@faultpath/mm';
import { handleIdentity } from './handle.ts';
import { type CommitWaits, type Journal, journalOf } from './journal.ts';

function transactionIdentity(journal: Journal): LockIdentity {
  return { lock: 'jbd2_transaction', instance: journal.transaction.name, kind: 'transaction' };
}

function commitIdentity(journal: Journal): LockIdentity {
  return { lock: 'jbd2_commit', instance: journal.commit.name, kind: 'commit' };
}

/**
 * A commit begins: the running transaction is locked. That may be whenever there is something to commit, asked for or
 * after its time.
 */
function beginCommit(journal: Journal): Op {
  return op(`commit of ${journal.name}`, [
    {
      when: [when(journal.running, '==', 1)],
      does: [set(journal.running, 0), set(journal.locked, 1)],
      result: 0,
      acquires: [
        { object: journal.commit, mode: 'exclusive' },
        { object: journal.transaction, mode: 'exclusive' },
      ],
      event: [
        lockEvent(commitIdentity(journal), 'acquired', 'exclusive'),
        lockEvent(transactionIdentity(journal), 'acquired', 'exclusive'),
      ],
    },
  ]);
}

/**
 * Waits until every handle of the locked transaction is closed. Then new handles may be opened, and whoever waits for
 * the commit is told: what lies between takes time and waits for nobody, so that being told at once lets nobody do
 * anything that could not be done a little later.
 *
 * @kernel fs/jbd2/commit.c jbd2_journal_wait_updates v6.1
 * @locks the transaction is locked on entry, and not on return
 * @omits nothing that waits
 */
export const jbd2_journal_wait_updates = kernelFunction(
  'jbd2_journal_wait_updates',
  function* (_env: Machine, sb: SuperBlock) {
    const journal = journalOf(sb);
    const { locked, updates, waits } = journal;
    yield op(
      `wait for the handles of ${journal.name}`,
      [
        {
          when: [when(locked, '==', 1), when(updates, '==', 0)],
          does: [set(locked, 0), ...(waits === undefined ? [] : [set(waits.told, 1)])],
          result: 0,
          releases: [{ object: journal.transaction, mode: 'exclusive' }],
          event: [
            lockEvent(handleIdentity(journal), 'acquired', 'exclusive'),
            lockEvent(handleIdentity(journal), 'release', 'exclusive'),
            lockEvent(transactionIdentity(journal), 'release', 'exclusive'),
          ],
        },
      ],
      { object: journal.handles, mode: 'exclusive' },
    );
    return 0;
  },
);

/**
 * Commits a transaction.
 *
 * @kernel fs/jbd2/commit.c jbd2_journal_commit_transaction v6.1
 * @locks none of the fault path's; takes and releases the commit
 * @omits writing ordered data, metadata and the commit record: they only take time here, as the pages of a DAX file
 * are not written by the journal and no buffer lock is modelled; checkpoints
 */
export const jbd2_journal_commit_transaction = kernelFunction(
  'jbd2_journal_commit_transaction',
  function* (env: Machine, sb: SuperBlock) {
    const journal = journalOf(sb);
    yield* jbd2_journal_wait_updates(env, sb);
    yield op(`commit of ${journal.name} is done`, [
      {
        when: [],
        does: [],
        result: 0,
        releases: [{ object: journal.commit, mode: 'exclusive' }],
        event: lockEvent(commitIdentity(journal), 'release', 'exclusive'),
      },
    ]);
    return 0;
  },
);

/**
 * The commit thread.
 *
 * @kernel fs/jbd2/journal.c kjournald2 v6.1
 * @locks none
 * @omits its NOFS scope: nothing that it does here allocates; the transaction is locked in the same step in which it
 * wakes
 */
export const kjournald2 = kernelFunction('kjournald2', function* (env: Machine, sb: SuperBlock) {
  yield beginCommit(journalOf(sb));
  yield* jbd2_journal_commit_transaction(env, sb);
  return 0;
});

/**
 * Counts the task in among those that wait for the commit: result 1, or 0 where there is nothing to commit. Whoever was
 * told of the commit before goes on first: nothing can keep them, and so nobody takes what was meant for another.
 */
function askForCommit({ running, locked, name }: Journal, { waiting, told }: CommitWaits): Op {
  const whileThereIs = (transaction: Cell): readonly Alternative[] => [
    { when: [when(transaction, '==', 1), when(waiting, '==', 0)], does: [add(waiting, 1), set(told, 0)], result: 1 },
    { when: [when(transaction, '==', 1), when(told, '==', 0)], does: [add(waiting, 1)], result: 1 },
  ];
  return op(`ask for the commit of ${name}`, [
    { when: [when(running, '==', 0), when(locked, '==', 0)], does: [], result: 0 },
    ...whileThereIs(running),
    ...whileThereIs(locked),
  ]);
}

/**
 * Waits until a transaction is on disk. lockdep is told as if the task took all handles, and gave them back.
 *
 * @kernel fs/jbd2/journal.c jbd2_log_wait_commit v6.1
 * @locks whatever the task holds stays held
 * @omits errors of the journal
 */
export const jbd2_log_wait_commit = kernelFunction(
  'jbd2_log_wait_commit',
  function* (env: Machine, sb: SuperBlock, { waiting, told }: CommitWaits) {
    const { commit, name } = journalOf(sb);
    if (env.bounds.detail?.lockdep === true) {
      const handle = handleIdentity(journalOf(sb));
      yield toldLock(handle, 'acquired', 'exclusive');
      yield toldLock(handle, 'release', 'exclusive');
    }
    const event: ModelEvent = { type: 'wait', lock: 'jbd2_commit', instance: commit.name, kind: 'commit' };
    yield note('wait for the commit', event);
    const done = { when: [when(told, '==', 1)], does: [add(waiting, -1)], result: 0 };
    yield op(`wait for the commit of ${name}`, [done], { object: commit, mode: 'shared' });
    return 0;
  },
);

/**
 * Makes the last transaction of an inode durable: the one that is running or being committed.
 *
 * @kernel fs/jbd2/journal.c jbd2_complete_transaction v6.1
 * @locks whatever the task holds stays held
 * @omits which transaction the inode's last change was in: it is taken to be the newest
 */
export const jbd2_complete_transaction = kernelFunction(
  'jbd2_complete_transaction',
  function* (env: Machine, sb: SuperBlock) {
    const journal = journalOf(sb);
    if (journal.waits === undefined) return 0;
    const asked = yield askForCommit(journal, journal.waits);
    if (asked === 1) yield* jbd2_log_wait_commit(env, sb, journal.waits);
    return 0;
  },
);
