import { add, type Op, op, when } from '../op.ts';
import type { Cell, SyncObject, World } from '../world.ts';

/** A counting resource, such as log space: takers wait until enough is there, anybody may give back. */
export interface Counter {
  readonly object: SyncObject;
  readonly available: Cell;
}

/** Makes a counter with all of `amount` available. */
export function createCounter(world: World, name: string, amount: number, info?: unknown): Counter {
  return { object: world.object(name, info), available: world.cell(`${name}.available`, amount, amount) };
}

/** Waits for `units` and takes them. */
export function take({ object, available }: Counter, units = 1, event?: unknown): Op {
  const hold = { object, mode: 'reserved' };
  return op(
    `take ${object.name}`,
    [{ when: [when(available, '>=', units)], does: [add(available, -units)], result: units, acquires: [hold], event }],
    hold,
  );
}

/** Gives `units` back that this thread took. */
export function give({ object, available }: Counter, units = 1, event?: unknown): Op {
  return op(`give ${object.name}`, [
    { when: [], does: [add(available, units)], result: 0, releases: [{ object, mode: 'reserved' }], event },
  ]);
}
