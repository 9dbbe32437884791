import { add, type Guard, type Op, op, when } from '../op.ts';
import type { Cell, SyncObject, World } from '../world.ts';

/**
 * An exclusive wait queue. A sleeper is only woken by a wake-up that comes after it queued: a wake-up with nobody in
 * the queue is lost, as in the kernel. Which sleeper a wake-up picks stays open, a superset of first come, first served.
 */
export interface WaitQueue {
  readonly object: SyncObject;
  readonly sleeping: Cell;
  /** Wake-ups that were given and not yet taken. */
  readonly woken: Cell;
}

/** Makes an empty queue for at most `tasks` sleepers, waiting for `object`. */
export function createWaitQueue(world: World, object: SyncObject, tasks: number): WaitQueue {
  return {
    object,
    sleeping: world.cell(`${object.name}.sleeping`, tasks),
    woken: world.cell(`${object.name}.woken`, tasks),
  };
}

/**
 * If `busy` holds, queues and sleeps until woken (result 1: look again); otherwise goes on at once (result 0).
 * Looking and queueing are one step, as under the queue's lock.
 */
export function sleepWhile({ object, sleeping, woken }: WaitQueue, busy: Guard, free: Guard): Op {
  const hold = { object, mode: 'exclusive' };
  const sleep = op(
    `sleep on ${object.name}`,
    [{ when: [when(woken, '>=', 1)], does: [add(woken, -1)], result: 1 }],
    hold,
  );
  return op(
    `wait for ${object.name}`,
    [
      { when: [free], does: [], result: 0 },
      { when: [busy], does: [add(sleeping, 1)], result: 1, next: sleep },
    ],
    hold,
  );
}

/** Wakes one sleeper, if there is one. */
export function wakeOne({ object, sleeping, woken }: WaitQueue): Op {
  return op(`wake one on ${object.name}`, [
    { when: [when(sleeping, '>=', 1)], does: [add(sleeping, -1), add(woken, 1)], result: 1 },
    { when: [when(sleeping, '==', 0)], does: [], result: 0 },
  ]);
}

/** Wakes every sleeper. */
export function wakeAll({ object, sleeping, woken }: WaitQueue): Op {
  const counts = Array.from({ length: sleeping.max + 1 }, (_, count) => count);
  return op(
    `wake all on ${object.name}`,
    counts.map((count) => ({
      when: [when(sleeping, '==', count)],
      does: count === 0 ? [] : [add(sleeping, -count), add(woken, count)],
      result: count,
    })),
  );
}
