import { type Op, op, set, when } from '../op.ts';
import type { Cell, SyncObject, World } from '../world.ts';

/** A lock that one thread holds, and that only this thread may release. */
export interface Mutex {
  readonly object: SyncObject;
  readonly locked: Cell;
}

/** Makes a free mutex. */
export function createMutex(world: World, name: string, info?: unknown): Mutex {
  return { object: world.object(name, info), locked: world.cell(`${name}.locked`, 1) };
}

/** Waits for the mutex and takes it. */
export function lock({ object, locked }: Mutex, event?: unknown): Op {
  const hold = { object, mode: 'exclusive' };
  return op(
    `lock ${object.name}`,
    [{ when: [when(locked, '==', 0)], does: [set(locked, 1)], result: 1, acquires: [hold], event }],
    hold,
  );
}

/** Takes the mutex if it is free: the result is 1, otherwise 0. */
export function tryLock({ object, locked }: Mutex, event?: unknown): Op {
  return op(`trylock ${object.name}`, [
    {
      when: [when(locked, '==', 0)],
      does: [set(locked, 1)],
      result: 1,
      acquires: [{ object, mode: 'exclusive' }],
      event,
    },
    { when: [when(locked, '==', 1)], does: [], result: 0 },
  ]);
}

/** Gives the mutex back. That never waits: not holding it is a model error. */
export function unlock({ object, locked }: Mutex, event?: unknown): Op {
  return op(`unlock ${object.name}`, [
    {
      when: [],
      does: [set(locked, 0)],
      result: 0,
      releases: [{ object, mode: 'exclusive' }],
      event,
    },
  ]);
}
