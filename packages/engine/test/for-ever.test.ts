import {
  awaitValue,
  type Cell,
  createWorld,
  type ExploreOptions,
  explore,
  kernelFunction,
  type Model,
  op,
  set,
  store,
  when,
} from '@faultpath/engine';
import { describe, expect, it } from 'vitest';

/** Tells 1 and takes it back, round and round; never 2, or 2 as well. */
const tick = kernelFunction('tick', function* (told: Cell, twice: boolean) {
  yield awaitValue(told, 0);
  yield store(told, 1);
  if (twice) yield store(told, 2);
  yield store(told, 0);
  return 0;
});

/** Answers 1 with 2 once it has been asked; nobody asks. */
const answer = kernelFunction('answer', function* (told: Cell, asked: Cell) {
  yield awaitValue(told, 1);
  yield awaitValue(asked, 1);
  yield store(told, 2);
  return 0;
});

const ask = kernelFunction('ask', function* (told: Cell, asked: Cell) {
  yield awaitValue(told, 2);
  yield store(asked, 1);
  return 0;
});

/** One waits for the answer before it asks, the other for the question: only what both do exactly condemns them. */
function waiting(twice: boolean): Model {
  const world = createWorld();
  const [told, asked] = [world.cell('told', 2), world.cell('asked', 1)];
  return {
    name: 'waiting',
    world,
    threads: [
      { name: 'tick', start: tick(told, twice), repeat: true, daemon: true },
      { name: 'answer', start: answer(told, asked) },
      { name: 'ask', start: ask(told, asked) },
    ],
  };
}

/** A thread that goes by a value which comes only together with another that is never there. */
function together(first: number, second: number): Model {
  const world = createWorld();
  const [left, right] = [world.cell('left', 1), world.cell('right', 1)];
  const swap = kernelFunction('swap', function* (one: Cell, other: Cell) {
    yield store(one, 1);
    yield store(one, 0);
    yield store(other, 1);
    yield store(other, 0);
    return 0;
  });
  const meet = kernelFunction('meet', function* (one: Cell, other: Cell) {
    yield op('both', [{ when: [when(one, '==', first), when(other, '==', second)], does: [], result: 0 }]);
    return 0;
  });
  return {
    name: 'together',
    world,
    threads: [
      { name: 'swap', start: swap(left, right), repeat: true, daemon: true },
      { name: 'meet', start: meet(left, right) },
    ],
  };
}

const found = (model: Model, options: ExploreOptions = {}) => {
  const { verdict, deadlocks } = explore(model, options);
  return { verdict, stuck: deadlocks.map(({ witness }) => witness.waiters.map((waiter) => waiter.name)) };
};

describe('threads that only the exact behaviour of the others keeps waiting', () => {
  it.each([{}, { persistentSets: false }, { symmetry: false }, { order: 'dfs' as const }])(
    'are found when everything is explored, with %j',
    (options) => {
      expect(found(together(1, 1), options)).toEqual({ verdict: 'found', stuck: [['meet']] });
      expect(found(together(1, 0), options)).toEqual({ verdict: 'proved', stuck: [] });
    },
  );

  it('are what the judgement of single states does not see', () => {
    expect(found(together(1, 1), { exactPartialDeadlocks: false })).toEqual({ verdict: 'proved', stuck: [] });
    expect(found(together(1, 1), { partialDeadlocks: false })).toEqual({ verdict: 'proved', stuck: [] });
  });

  it.each([{ fuseFrom: 0 }, { fuseFrom: 0, symmetry: false }])(
    'do not count whoever could have gone first: %j',
    (options) => {
      const world = createWorld();
      const [left, right, open] = [world.cell('left', 1), world.cell('right', 1), world.cell('open', 1)];
      const ticket = world.cell('ticket', 1, 1);
      const swap = kernelFunction('swap', function* () {
        yield store(left, 1);
        yield store(left, 0);
        yield store(right, 1);
        yield store(right, 0);
        return 0;
      });
      const draw = kernelFunction('draw', function* () {
        yield op('draw', [{ when: [when(open, '==', 1), when(ticket, '==', 1)], does: [set(ticket, 0)], result: 0 }]);
        return 0;
      });
      const unlock = kernelFunction('unlock', function* () {
        yield store(open, 1);
        return 0;
      });
      const refill = kernelFunction('refill', function* () {
        const both = [when(left, '==', 1), when(right, '==', 1)];
        yield op('refill', [{ when: [...both, when(ticket, '==', 0)], does: [set(ticket, 1)], result: 0 }]);
        return 0;
      });
      const threads = [
        { name: 'opener', start: unlock() },
        { name: 'one', start: draw() },
        { name: 'other', start: draw() },
        { name: 'refill', start: refill() },
        { name: 'swap', start: swap(), repeat: true, daemon: true },
      ];
      const { deadlocks } = explore({ name: 'tickets', world, threads }, { ...options, all: true, witnessStates: 0 });
      // One of the two has drawn the ticket wherever another is said to wait for ever.
      for (const { witness } of deadlocks) {
        const drawn = witness.threads.filter(
          ({ name, status }) => ['one', 'other'].includes(name) && status === 'done',
        ).length;
        const waiting = witness.waiters.filter(({ name }) => name !== 'refill').length;
        expect(drawn).toBe(waiting);
      }
      expect(deadlocks.flatMap(({ witness }) => witness.waiters.map(({ name }) => name))).toContain('refill');
    },
  );

  it('may wait for each other while a third goes round', () => {
    expect(found(waiting(false))).toEqual({ verdict: 'found', stuck: [['answer', 'ask']] });
  });

  it('twin: it tells what they wait for', () => {
    expect(found(waiting(true))).toEqual({ verdict: 'proved', stuck: [] });
  });
});
