import { add, type Op, op, set, when } from '../op.ts';
import type { Cell, SyncObject, World } from '../world.ts';

/**
 * A readers-writer lock. With `fair`, a writer that has to wait keeps new readers out, as the kernel's rwsem does;
 * which of several waiters is next stays open, a superset of every queue's order.
 */
export interface RwLock {
  readonly object: SyncObject;
  readonly readers: Cell;
  readonly writer: Cell;
  /** Writers that wait; absent when unfair. */
  readonly waiting?: Cell;
}

/** Makes a free lock. `tasks` bounds the readers and the waiting writers. */
export function createRwLock(
  world: World,
  name: string,
  options: { readonly tasks: number; readonly fair?: boolean; readonly info?: unknown },
): RwLock {
  const lock = {
    object: world.object(name, options.info),
    readers: world.cell(`${name}.readers`, options.tasks),
    writer: world.cell(`${name}.writer`, 1),
  };
  return options.fair === false ? lock : { ...lock, waiting: world.cell(`${name}.waiting`, options.tasks) };
}

/** Waits until no writer has the lock (nor waits for it, where fair), and takes it shared. */
export function readLock({ object, readers, writer, waiting }: RwLock, event?: unknown): Op {
  const hold = { object, mode: 'shared' };
  const free = waiting === undefined ? [when(writer, '==', 0)] : [when(writer, '==', 0), when(waiting, '==', 0)];
  return op(
    `down_read ${object.name}`,
    [{ when: free, does: [add(readers, 1)], result: 1, acquires: [hold], event }],
    hold,
  );
}

/**
 * Takes the lock shared if that is possible at once: the result is 1, otherwise 0. A writer that waits makes it
 * fail where the lock is fair.
 */
export function tryReadLock({ object, readers, writer, waiting }: RwLock, event?: unknown): Op {
  const queue = waiting === undefined ? [] : [when(waiting, '==', 0)];
  const queued =
    waiting === undefined ? [] : [{ when: [when(writer, '==', 0), when(waiting, '>=', 1)], does: [], result: 0 }];
  return op(`down_read_trylock ${object.name}`, [
    {
      when: [when(writer, '==', 0), ...queue],
      does: [add(readers, 1)],
      result: 1,
      acquires: [{ object, mode: 'shared' }],
      event,
    },
    { when: [when(writer, '==', 1)], does: [], result: 0 },
    ...queued,
  ]);
}

/** Gives a shared hold back. That never waits: not holding it is a model error. */
export function readUnlock({ object, readers }: RwLock, event?: unknown): Op {
  return op(`up_read ${object.name}`, [
    {
      when: [],
      does: [add(readers, -1)],
      result: 0,
      releases: [{ object, mode: 'shared' }],
      event,
    },
  ]);
}

/**
 * Takes the lock for writing. Where fair it may also queue first, a step of its own from which on readers are kept out:
 * between a writer's look at the lock and its place in the queue the lock may become free, so that queueing asks nothing.
 */
export function writeLock({ object, readers, writer, waiting }: RwLock, event?: unknown): Op {
  const hold = { object, mode: 'exclusive' };
  const name = `down_write ${object.name}`;
  const free = [when(writer, '==', 0), when(readers, '==', 0)];
  if (waiting === undefined) {
    return op(name, [{ when: free, does: [set(writer, 1)], result: 1, acquires: [hold], event }], hold);
  }
  const queued = { object, mode: 'queued' };
  const wait = op(
    name,
    [{ when: free, does: [set(writer, 1), add(waiting, -1)], result: 1, acquires: [hold], releases: [queued], event }],
    hold,
  );
  return op(
    name,
    [
      { when: free, does: [set(writer, 1)], result: 1, acquires: [hold], event },
      { when: [], does: [add(waiting, 1)], result: 1, next: wait, acquires: [queued] },
    ],
    hold,
  );
}

/** Gives the exclusive hold back. That never waits: not holding it is a model error. */
export function writeUnlock({ object, writer }: RwLock, event?: unknown): Op {
  return op(`up_write ${object.name}`, [
    {
      when: [],
      does: [set(writer, 0)],
      result: 0,
      releases: [{ object, mode: 'exclusive' }],
      event,
    },
  ]);
}
