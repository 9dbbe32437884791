import {
  add,
  type Cell,
  createWorld,
  increment,
  kernelFunction,
  type Model,
  type Op,
  op,
  registerConstant,
  set,
  when,
} from '@faultpath/engine';

interface Env {
  readonly slots: Cell;
  readonly items: Cell;
  readonly mutex: Cell;
  readonly used: Cell;
  readonly bug: boolean;
  readonly size: number;
}

const down = (cell: Cell): Op =>
  op(`down ${cell.name}`, [{ when: [when(cell, '>', 0)], does: [add(cell, -1)], result: 0 }]);
const enter = (cell: Cell): Op => op('enter', [{ when: [when(cell, '==', 0)], does: [set(cell, 1)], result: 0 }]);
const leave = (cell: Cell): Op => op('leave', [{ when: [], does: [set(cell, 0)], result: 0 }]);

const producer = kernelFunction('producer', function* (env: Env) {
  yield down(env.slots);
  yield enter(env.mutex);
  yield increment(env.used);
  yield op('assert', [
    { when: [when(env.used, '<=', env.size)], does: [], result: 0 },
    {
      when: [when(env.used, '>', env.size)],
      does: [],
      result: 0,
      error: { code: 'buffer/overrun', message: 'more items than slots' },
    },
  ]);
  yield leave(env.mutex);
  yield increment(env.items);
  return 0;
});

const consumer = kernelFunction('consumer', function* (env: Env) {
  const order = [down(env.items), enter(env.mutex)];
  for (const each of env.bug ? order.reverse() : order) yield each;
  yield increment(env.used, -1);
  yield leave(env.mutex);
  yield increment(env.slots);
  return 0;
});

/**
 * A bounded buffer: as many producers as consumers, a mutex and two semaphores. `bug`: consumers take the mutex
 * before they wait for an item, so that an empty buffer stays locked.
 */
export function boundedBuffer(pairs: number, size: number, bug = false): Model {
  const world = createWorld();
  const env: Env = registerConstant({
    slots: world.cell('slots', size, size),
    items: world.cell('items', size),
    mutex: world.cell('mutex', 1),
    used: world.cell('used', size + 1),
    bug,
    size,
  });
  return {
    name: 'bounded buffer',
    world,
    threads: Array.from({ length: pairs }, (_, index) => [
      { name: `producer${index}`, start: producer(env), repeat: true },
      { name: `consumer${index}`, start: consumer(env), repeat: true },
    ]).flat(),
  };
}
