import {
  type Cell,
  createRwLock,
  type Op,
  op,
  type RwLock,
  readLock,
  readUnlock,
  type SyncObject,
  set,
  tryReadLock,
  type World,
  when,
  writeLock,
  writeUnlock,
} from '@faultpath/engine';
import { type LockIdentity, lockEvent } from '../events.ts';

/**
 * A reader-writer semaphore in kernel spelling. A writer that waits keeps new readers out. Where no task of the model
 * takes it exclusively it has no cells, and taking it shared is no step that others could see.
 */
export interface Rwsem extends LockIdentity {
  readonly object: SyncObject;
  /** Absent where nobody of this model takes the semaphore exclusively, and where nobody else can want it. */
  readonly state?: RwLock;
  /**
   * Taking it never waits, in either mode: either one task alone uses it, or it is a leaf. Inside a leaf nothing is
   * waited for and at most one cell is read or written, so that every section can be moved to that one step.
   */
  readonly unshared?: boolean;
  /** It is `unshared` because it is a leaf. The rule lock/leaf holds the steps inside to that. */
  readonly leaf?: true;
}

/** Makes a semaphore. `writers: false` promises that nobody takes it exclusively; breaking that is a model error. */
export function createRwsem(
  world: World,
  identity: LockIdentity,
  options: { readonly tasks: number; readonly writers: boolean; readonly unshared?: boolean; readonly leaf?: boolean },
): Rwsem {
  if (options.leaf === true)
    return { ...identity, object: world.object(identity.instance, identity), unshared: true, leaf: true };
  if (options.unshared === true)
    return { ...identity, object: world.object(identity.instance, identity), unshared: true };
  if (options.writers) {
    const state = createRwLock(world, identity.instance, { tasks: options.tasks, info: identity });
    return { ...identity, object: state.object, state };
  }
  return { ...identity, object: world.object(identity.instance, identity) };
}

/** Takes it shared. */
export function down_read(sem: Rwsem): Op {
  const event = lockEvent(identityOf(sem), 'acquired', 'shared');
  if (sem.state !== undefined) return readLock(sem.state, event);
  const hold = { object: sem.object, mode: 'shared' };
  return op(`down_read ${sem.instance}`, [{ when: [], does: [], result: 1, acquires: [hold], event }], hold);
}

/**
 * Takes it shared and reads a cell that only its holders change: what the lock protects cannot change before the
 * holder looks, so that both are one step. The result is the cell's value.
 */
export function down_read_load(sem: Rwsem, cell: Cell): Op {
  const event = lockEvent(identityOf(sem), 'acquired', 'shared');
  const taken = down_read(sem).alternatives;
  const values = Array.from({ length: cell.max + 1 }, (_, value) => value);
  return op(
    `down_read ${sem.instance}, load ${cell.name}`,
    values.flatMap((value) =>
      taken.map((each) => ({ ...each, when: [...each.when, when(cell, '==', value)], result: value, event })),
    ),
    { object: sem.object, mode: 'shared' },
  );
}

/** Takes it shared if that is possible at once: the result is 1, otherwise 0. */
export function down_read_trylock(sem: Rwsem): Op {
  const event = lockEvent(identityOf(sem), 'acquired', 'shared', true);
  if (sem.state !== undefined) return tryReadLock(sem.state, event);
  const hold = { object: sem.object, mode: 'shared' };
  return op(`down_read_trylock ${sem.instance}`, [{ when: [], does: [], result: 1, acquires: [hold], event }]);
}

/** Gives a shared hold back. */
export function up_read(sem: Rwsem): Op {
  const event = lockEvent(identityOf(sem), 'release', 'shared');
  if (sem.state !== undefined) return readUnlock(sem.state, event);
  const hold = { object: sem.object, mode: 'shared' };
  return op(`up_read ${sem.instance}`, [{ when: [], does: [], result: 0, releases: [hold], event }]);
}

/** Takes it exclusively. */
export function down_write(sem: Rwsem): Op {
  if (sem.unshared === true) {
    const event = lockEvent(identityOf(sem), 'acquired', 'exclusive');
    const hold = { object: sem.object, mode: 'exclusive' };
    return op(`down_write ${sem.instance}`, [{ when: [], does: [], result: 1, acquires: [hold], event }], hold);
  }
  if (sem.state === undefined) return unexpectedWriter(sem);
  return writeLock(sem.state, lockEvent(identityOf(sem), 'acquired', 'exclusive'));
}

/** Gives the exclusive hold back. */
export function up_write(sem: Rwsem): Op {
  if (sem.unshared === true) {
    const event = lockEvent(identityOf(sem), 'release', 'exclusive');
    const hold = { object: sem.object, mode: 'exclusive' };
    return op(`up_write ${sem.instance}`, [{ when: [], does: [], result: 0, releases: [hold], event }]);
  }
  if (sem.state === undefined) return unexpectedWriter(sem);
  return writeUnlock(sem.state, lockEvent(identityOf(sem), 'release', 'exclusive'));
}

/** Gives the exclusive hold back, with one change of what it protects: nobody could have seen it earlier. */
export function up_write_store(sem: Rwsem, cell: Cell, value: number): Op {
  const released = up_write(sem);
  return op(
    `${cell.name} = ${value}, up_write ${sem.instance}`,
    released.alternatives.map((each) => ({ ...each, does: [set(cell, value), ...each.does] })),
  );
}

/** Turns the exclusive hold into a shared one. */
export function downgrade_write(sem: Rwsem): Op {
  if (sem.state === undefined) return unexpectedWriter(sem);
  const { object, readers, writer } = sem.state;
  return op(`downgrade_write ${sem.instance}`, [
    {
      when: [],
      does: [set(writer, 0), { cell: readers, add: 1 }],
      result: 1,
      releases: [{ object, mode: 'exclusive' }],
      acquires: [{ object, mode: 'shared' }],
      event: [lockEvent(identityOf(sem), 'release', 'exclusive'), lockEvent(identityOf(sem), 'acquired', 'shared')],
    },
  ]);
}

function unexpectedWriter(sem: Rwsem): Op {
  return op(`down_write ${sem.instance}`, [
    {
      when: [],
      does: [],
      result: 0,
      error: {
        code: 'mm/unexpected-writer',
        message: `${sem.instance} was made for readers only; whoever built the model must say that somebody takes it exclusively`,
      },
    },
  ]);
}

function identityOf({ lock, instance, kind, subclass, owner, leaf }: Rwsem): LockIdentity {
  return {
    lock,
    instance,
    kind,
    ...(subclass === undefined ? {} : { subclass }),
    ...(owner === undefined ? {} : { owner }),
    ...(leaf === undefined ? {} : { leaf }),
  };
}
