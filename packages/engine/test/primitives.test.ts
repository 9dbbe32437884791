import {
  awaitValue,
  choose,
  createCounter,
  createMutex,
  createRwLock,
  createWaitQueue,
  createWorld,
  explore,
  give,
  increment,
  kernelFunction,
  load,
  lock,
  type Model,
  note,
  type Op,
  op,
  readLock,
  readUnlock,
  set,
  sleepWhile,
  store,
  take,
  tryLock,
  tryReadLock,
  unlock,
  type World,
  wakeAll,
  wakeOne,
  when,
  writeLock,
  writeUnlock,
} from '@faultpath/engine';
import { describe, expect, it } from 'vitest';

/** A model whose threads take the given ops one after the other. */
function straight(world: World, ...threads: readonly (readonly Op[])[]): Model {
  const run = kernelFunction('run', function* (ops: readonly Op[]) {
    for (const each of ops) yield each;
    return 0;
  });
  return { name: 'straight', world, threads: threads.map((ops, index) => ({ name: `t${index}`, start: run(ops) })) };
}

/** Shared cells at the end of every run of one or more threads. */
function outcomes(model: Model, name: string): number[] {
  const { system } = explore(model);
  const seen = new Set<number>();
  const cell = model.world.cells.find((each) => each.name === name);
  for (const step of explore(model, { persistentSets: false }).taken())
    for (const effect of step.edge.does) if (effect.cell === cell && 'set' in effect) seen.add(effect.set);
  expect(system.model).toBe(model);
  return [...seen].sort();
}

describe('mutex', () => {
  it('is held by one thread', () => {
    const world = createWorld();
    const [m, inside] = [createMutex(world, 'm'), world.cell('inside', 1)];
    const body = [lock(m), increment(inside), increment(inside, -1), unlock(m)];
    expect(explore(straight(world, body, body)).verdict).toBe('proved');
    const bare = [increment(inside), increment(inside, -1)];
    expect(explore(straight(world, bare, bare)).errors[0]?.code).toBe('engine/cell-range');
  });

  it('deadlocks when it is taken twice, and not when the second is a trylock', () => {
    const world = createWorld();
    const m = createMutex(world, 'm');
    const [found] = explore(straight(world, [lock(m), lock(m)])).deadlocks;
    expect(found?.witness.cycle.map((waiter) => waiter.name)).toEqual(['t0']);
    expect(explore(straight(world, [lock(m), tryLock(m), unlock(m)])).verdict).toBe('proved');
  });

  it('may only be given back by its holder', () => {
    const world = createWorld();
    const m = createMutex(world, 'm');
    const { errors } = explore(straight(world, [lock(m)], [unlock(m)]));
    expect(errors.map((error) => error.code)).toEqual(['engine/model-error']);
    expect(errors[0]?.witness.steps.at(-1)).toMatchObject({ op: 'unlock m', backtrace: ['run'] });
  });

  it('given back where it is free is a mistake, and nobody waits', () => {
    const world = createWorld();
    const m = createMutex(world, 'm');
    const { errors, deadlocks } = explore(straight(world, [unlock(m)]));
    expect([errors.map((error) => error.code), deadlocks]).toEqual([['engine/model-error'], []]);
  });
});

describe('readers-writer lock', () => {
  const make = (fair: boolean) => {
    const world = createWorld();
    return { world, rw: createRwLock(world, 'rw', { tasks: 4, fair }) };
  };

  it('lets readers in together, and a writer alone', () => {
    const { world, rw } = make(false);
    const inside = world.cell('inside', 1);
    const reader = [readLock(rw), increment(inside), increment(inside, -1), readUnlock(rw)];
    const writer = [writeLock(rw), increment(inside), increment(inside, -1), writeUnlock(rw)];
    expect(explore(straight(world, reader, writer)).verdict).toBe('proved');
    expect(explore(straight(world, writer, writer)).verdict).toBe('proved');
    expect(explore(straight(world, reader, reader)).errors[0]?.code).toBe('engine/cell-range');
  });

  it('deadlocks on nested reading where fair, because a writer comes between; not where unfair', () => {
    const nested = (rw: ReturnType<typeof make>['rw']) => [readLock(rw), readLock(rw), readUnlock(rw), readUnlock(rw)];
    const fair = make(true);
    const writer = [writeLock(fair.rw), writeUnlock(fair.rw)];
    const [found] = explore(straight(fair.world, nested(fair.rw), writer)).deadlocks;
    expect(found?.witness.cycle.map((waiter) => waiter.name).sort()).toEqual(['t0', 't1']);
    const unfair = make(false);
    const two = straight(unfair.world, nested(unfair.rw), [writeLock(unfair.rw), writeUnlock(unfair.rw)]);
    expect(explore(two).verdict).toBe('proved');
  });

  it('given back twice is a mistake, and whoever waited for what would have come next is in no deadlock', () => {
    const { world, rw } = make(true);
    const other = createRwLock(world, 'other', { tasks: 4 });
    const once = [readLock(other), readLock(rw), readUnlock(rw)];
    const writer = [writeLock(other), writeUnlock(other)];
    const twice = explore(straight(world, [...once, readUnlock(rw), readUnlock(other)], writer), { all: true });
    expect(twice.deadlocks).toEqual([]);
    expect(twice.errors.map((error) => error.code)).toEqual(['engine/model-error']);
    expect(explore(straight(world, [...once, readUnlock(other)], writer), { all: true }).verdict).toBe('proved');
    // Twin: without the mistake, and without giving it back, the writer waits for ever.
    expect(explore(straight(world, once, writer), { all: true }).deadlocks).toHaveLength(1);
  });

  it('turns a reader’s trylock away while a writer holds it or waits, and lets it in otherwise', () => {
    const { world, rw } = make(true);
    const got = world.cell('got', 2);
    const attempt = kernelFunction('attempt', function* () {
      const taken = yield tryReadLock(rw);
      yield store(got, taken + 1);
      if (taken === 1) yield readUnlock(rw);
      return 0;
    });
    const model = straight(world, [readLock(rw), readUnlock(rw)], [writeLock(rw), writeUnlock(rw)]);
    const with_ = { ...model, threads: [...model.threads, { name: 'attempt', start: attempt() }] };
    expect(outcomes(with_, 'got')).toEqual([1, 2]);
    expect(explore(with_).verdict).toBe('proved');
    // A reader inside alone never turns another away.
    const alone = straight(world, [readLock(rw), readUnlock(rw)]);
    expect(outcomes({ ...alone, threads: [...alone.threads, { name: 'attempt', start: attempt() }] }, 'got')).toEqual([
      2,
    ]);
  });
});

describe('counter', () => {
  it('makes takers wait, and lets nobody give what it has not taken', () => {
    const world = createWorld();
    const log = createCounter(world, 'log', 2);
    const both = [take(log), take(log), give(log), give(log)];
    expect(explore(straight(world, both)).verdict).toBe('proved');
    const [found] = explore(straight(world, both, both)).deadlocks;
    expect(found?.witness.waiters.map((waiter) => waiter.wants?.object.name)).toEqual(['log', 'log']);
    expect(explore(straight(world, [give(log)])).errors[0]?.code).toBe('engine/model-error');
  });
});

describe('wait queue', () => {
  const make = () => {
    const world = createWorld();
    const busy = world.cell('busy', 1, 1);
    return { world, busy, queue: createWaitQueue(world, world.object('page'), 2) };
  };
  const sleeper = ({ busy, queue }: ReturnType<typeof make>) => [
    sleepWhile(queue, when(busy, '==', 1), when(busy, '==', 0)),
  ];

  it('wakes who sleeps, after the condition changed', () => {
    const all = make();
    expect(explore(straight(all.world, sleeper(all), [store(all.busy, 0), wakeOne(all.queue)])).verdict).toBe('proved');
    const crowd = straight(all.world, sleeper(all), sleeper(all), [store(all.busy, 0), wakeAll(all.queue)]);
    expect(explore(crowd).verdict).toBe('proved');
  });

  it('loses a wake-up that comes before the change, and one of two sleepers with one wake-up', () => {
    const early = make();
    const wrong = explore(straight(early.world, sleeper(early), [wakeOne(early.queue), store(early.busy, 0)]));
    expect(wrong.deadlocks[0]?.witness.waiters).toMatchObject([{ name: 't0', waitsFor: [] }]);
    const few = make();
    const one = straight(few.world, sleeper(few), sleeper(few), [store(few.busy, 0), wakeOne(few.queue)]);
    expect(explore(one).verdict).toBe('found');
  });
});

describe('cells, choices and notes', () => {
  it('load gives the value, choose every outcome', () => {
    const world = createWorld();
    const [from, to] = [world.cell('from', 3, 2), world.cell('to', 9)];
    const copy = kernelFunction('copy', function* () {
      const value = yield load(from);
      const more = yield choose(3);
      yield store(to, value + more);
      return 0;
    });
    expect(outcomes({ name: 'copy', world, threads: [{ name: 't', start: copy() }] }, 'to')).toEqual([2, 3, 4]);
  });

  it('awaitValue waits, and for ever if nobody stores the value', () => {
    const world = createWorld();
    const flag = world.cell('flag', 1);
    expect(explore(straight(world, [awaitValue(flag, 1)], [store(flag, 1)])).verdict).toBe('proved');
    expect(explore(straight(world, [awaitValue(flag, 1)])).verdict).toBe('found');
  });

  it('a note is no state of its own', () => {
    const world = createWorld();
    const m = createMutex(world, 'm');
    const silent = explore(straight(world, [lock(m), unlock(m)]));
    const noted = explore(straight(world, [note('in', 1), lock(m), note('out', 2), unlock(m)]));
    expect(noted.states).toBe(silent.states);
    expect([...noted.taken()].flatMap((step) => step.edge.example.passed.map((passed) => passed.event))).toEqual([2]);
  });

  it('refuses an op without alternatives, a store outside the domain, and nothing to choose from', () => {
    const cell = createWorld().cell('c', 1);
    expect(() => op('none', [])).toThrow(expect.objectContaining({ code: 'ENGINE_BAD_OP' }));
    expect(() => op('far', [{ when: [], does: [set(cell, 2)], result: 0 }])).toThrow(
      expect.objectContaining({ code: 'ENGINE_BAD_OP' }),
    );
    expect(() => choose(0)).toThrow(expect.objectContaining({ code: 'ENGINE_BAD_OP' }));
  });

  it.each([
    ['a duplicate name', (world: World) => [world.cell('x', 1), world.object('x')]],
    ['a negative domain', (world: World) => world.cell('x', -1)],
    ['a domain too large', (world: World) => world.cell('x', 2 ** 31)],
    ['a first value outside', (world: World) => world.local('x', 1, 2)],
    ['a fraction', (world: World) => world.cell('x', 1.5)],
  ])('a world refuses %s', (_, act) => {
    expect(() => act(createWorld())).toThrow(expect.objectContaining({ code: 'ENGINE_CELL' }));
  });
});
