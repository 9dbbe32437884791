import type { Cell, SyncObject } from '@faultpath/engine';
import type { Builder, SuperBlock } from '@faultpath/mm';

/**
 * A journal with one transaction at a time: it does not exist, it is running, or it is locked while a commit waits for
 * its handles. Writing it out afterwards takes only time, so that the commit is done as soon as the handles are closed.
 */
export interface Journal {
  readonly name: string;
  /** Open handles, shared; the commit wants them exclusively. */
  readonly handles: SyncObject;
  /** The running transaction, held by a commit while it is locked. */
  readonly transaction: SyncObject;
  /** A commit, held by the commit thread until it is done. */
  readonly commit: SyncObject;
  /** 1 when a handle was opened since the last commit began. */
  readonly running: Cell;
  /** T_LOCKED: no new handle may join. */
  readonly locked: Cell;
  /** `t_updates`: open handles of the running transaction. */
  readonly updates: Cell;
  /** Absent where nobody of the model waits for a commit. */
  readonly waits?: CommitWaits;
}

/** Who waits for the commit. */
export interface CommitWaits {
  /** Tasks that asked for the commit of the transaction that there is, and have not gone on yet. */
  readonly waiting: Cell;
  /** 0 from when one of them asked first until the commit is done; then they go on, and nobody asks before they have. */
  readonly told: Cell;
}

/** Makes the journal of a mount. */
export function createJournal(builder: Builder, sb: string): Journal {
  const { world, threads } = builder;
  const waits =
    builder.belowLoop(sb) ||
    builder.victimKinds(sb).includes('data-journal') ||
    builder.tasks.some(
      (task) => 'fs' in task && task.fs === sb && (task.kind === 'fsync' || ('sync' in task && task.sync)),
    );
  const named = (name: string): string => `${sb}.journal.${name}`;
  return {
    name: named('jbd2'),
    handles: world.object(named('handles'), { lock: 'jbd2_handle', kind: 'handle' }),
    transaction: world.object(named('transaction'), { lock: 'jbd2_transaction', kind: 'transaction' }),
    commit: world.object(named('commit'), { lock: 'jbd2_commit', kind: 'commit' }),
    running: world.cell(named('running'), 1),
    locked: world.cell(named('locked'), 1),
    updates: world.cell(named('t_updates'), threads),
    ...(waits ? { waits: createWaits(builder, named) } : {}),
  };
}

function createWaits({ world, threads }: Builder, named: (name: string) => string): CommitWaits {
  return { waiting: world.cell(named('waiting'), threads), told: world.cell(named('told'), 1, 1) };
}

/** What a mount of a filesystem on jbd2 has. */
export interface WithJournal {
  readonly journal: Journal;
}

/** The journal of a superblock. */
export function journalOf(sb: SuperBlock): Journal {
  return (sb.s_fs_info as WithJournal).journal;
}
