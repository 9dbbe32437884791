import { type Alternative, add, addFrom, kernelFunction, note, type Op, op, set, when } from '@faultpath/engine';
import { type LockIdentity, lockEvent, type Machine, type ModelEvent, type SuperBlock } from '@faultpath/mm';
import { handleIdentity } from './handle.ts';
import { type CommitWaits, type Journal, journalOf } from './journal.ts';

function transactionIdentity(journal: Journal): LockIdentity {
  return { lock: 'jbd2_transaction', instance: journal.transaction.name, kind: 'transaction' };
}

function commitIdentity(journal: Journal): LockIdentity {
  return { lock: 'jbd2_commit', instance: journal.commit.name, kind: 'commit' };
}

/**
 * A commit begins: the running transaction is locked, and what follows belongs to the next one. It may begin whenever
 * there is something to commit, asked for or after its time. The result is the colour that is committed. Tasks told of
 * an earlier commit of the new running colour go on first: nothing can keep them, and the colours stay apart.
 */
function beginCommit(journal: Journal): Op {
  const { running, locked, waits } = journal;
  const common = {
    acquires: [
      { object: journal.commit, mode: 'exclusive' },
      { object: journal.transaction, mode: 'exclusive' },
    ],
    event: [
      lockEvent(commitIdentity(journal), 'acquired', 'exclusive'),
      lockEvent(transactionIdentity(journal), 'acquired', 'exclusive'),
    ],
  };
  const begin = { when: [when(running, '==', 1)], does: [set(running, 0), set(locked, 1)] };
  if (waits === undefined) return op(`commit of ${journal.name}`, [{ ...begin, ...common, result: 0 }]);
  return op(
    `commit of ${journal.name}`,
    [0, 1].map((colour) => ({
      ...common,
      when: [
        ...begin.when,
        when(waits.colour, '==', colour),
        when(waits.done[1 - colour] as CommitWaits['colour'], '==', 0),
      ],
      does: [...begin.does, set(waits.colour, 1 - colour), set(waits.committing, 1)],
      result: colour,
    })),
  );
}

/**
 * Waits until every handle of the locked transaction is closed. Then the transaction is no longer the running one, and
 * new handles may be opened; nothing that waits lies between, so that both are one step.
 *
 * @kernel fs/jbd2/commit.c jbd2_journal_wait_updates v6.1
 * @locks the transaction is locked on entry, and not on return
 * @omits nothing that waits
 */
export const jbd2_journal_wait_updates = kernelFunction(
  'jbd2_journal_wait_updates',
  function* (_env: Machine, sb: SuperBlock) {
    const journal = journalOf(sb);
    yield op(
      `wait for the handles of ${journal.name}`,
      [
        {
          when: [when(journal.updates, '==', 0)],
          does: [set(journal.locked, 0)],
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

function finishCommit(journal: Journal, colour: number): Op {
  const { waits } = journal;
  const does: Alternative['does'] =
    waits === undefined
      ? []
      : [
          addFrom(waits.done[colour] as CommitWaits['colour'], waits.waiting[colour] as CommitWaits['colour']),
          set(waits.waiting[colour] as CommitWaits['colour'], 0),
          set(waits.committing, 0),
        ];
  return op(`commit of ${journal.name} is done`, [
    {
      when: [],
      does,
      result: 0,
      releases: [{ object: journal.commit, mode: 'exclusive' }],
      event: lockEvent(commitIdentity(journal), 'release', 'exclusive'),
    },
  ]);
}

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
  function* (env: Machine, sb: SuperBlock, colour: number) {
    yield* jbd2_journal_wait_updates(env, sb);
    yield finishCommit(journalOf(sb), colour);
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
  const colour = yield beginCommit(journalOf(sb));
  yield* jbd2_journal_commit_transaction(env, sb, colour);
  return 0;
});

/** Finds out which commit has to be waited for, and asks to be told: 0 for none, otherwise its colour plus 1. */
function askForCommit(journal: Journal, waits: CommitWaits): Op {
  const { running } = journal;
  const alternatives: Alternative[] = [
    { when: [when(running, '==', 0), when(waits.committing, '==', 0)], does: [], result: 0 },
  ];
  for (const colour of [0, 1]) {
    const other = 1 - colour;
    alternatives.push(
      {
        when: [when(running, '==', 1), when(waits.colour, '==', colour)],
        does: [add(waits.waiting[colour] as CommitWaits['colour'], 1)],
        result: colour + 1,
      },
      {
        when: [when(running, '==', 0), when(waits.committing, '==', 1), when(waits.colour, '==', colour)],
        does: [add(waits.waiting[other] as CommitWaits['colour'], 1)],
        result: other + 1,
      },
    );
  }
  return op(`ask for the commit of ${journal.name}`, alternatives);
}

/**
 * Waits until a transaction is on disk.
 *
 * @kernel fs/jbd2/journal.c jbd2_log_wait_commit v6.1
 * @locks whatever the task holds stays held
 * @omits errors of the journal
 */
export const jbd2_log_wait_commit = kernelFunction(
  'jbd2_log_wait_commit',
  function* (_env: Machine, sb: SuperBlock, colour: number) {
    const journal = journalOf(sb);
    const waits = journal.waits as CommitWaits;
    const event: ModelEvent = { type: 'wait', lock: 'jbd2_commit', instance: journal.commit.name, kind: 'commit' };
    yield note('wait for the commit', event);
    const done = waits.done[colour] as CommitWaits['colour'];
    yield op(
      `wait for the commit of ${journal.name}`,
      [{ when: [when(done, '>=', 1)], does: [add(done, -1)], result: 0 }],
      {
        object: journal.commit,
        mode: 'shared',
      },
    );
    return 0;
  },
);

/**
 * Makes the last transaction of an inode durable: the running one if there is one, otherwise the one being committed.
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
    if (asked > 0) yield* jbd2_log_wait_commit(env, sb, asked - 1);
    return 0;
  },
);
