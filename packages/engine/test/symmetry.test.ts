import {
  awaitValue,
  type Cell,
  createMutex,
  createWorld,
  type ExploreOptions,
  explore,
  kernelFunction,
  lock,
  type Model,
  type Mutex,
  type Op,
  op,
  set,
  unlock,
  when,
} from '@faultpath/engine';
import { describe, expect, it } from 'vitest';
import { compileSystem } from '../src/system.ts';
import { philosophers } from './models/philosophers.ts';
import { reclaimModel } from './models/reclaim.ts';

const elements = (model: Model) => compileSystem(model).automorphisms();

function named(model: Model): readonly string[] {
  const { cells } = model.world;
  return elements(model).map((by) =>
    cells
      .filter(({ id }) => id < (by.cells[id] as number))
      .map(({ id, name }) => `${name}=${cells[by.cells[id] as number]?.name}`)
      .join(' '),
  );
}

const both = kernelFunction('both', function* (first: Mutex, second: Mutex) {
  yield lock(first);
  yield lock(second);
  yield unlock(second);
  yield unlock(first);
  return 0;
});

/** Pairs of locks of the given names, a thread for each pair. */
function pairs(names: readonly (readonly [string, string])[], daemon = -1): Model {
  const world = createWorld();
  const threads = names.map(([first, second], index) => ({
    name: `thread ${index}`,
    start: both(createMutex(world, first), createMutex(world, second)),
    daemon: index === daemon,
  }));
  return { name: 'pairs', world, threads };
}

describe('objects that can be interchanged', () => {
  it('are exchanged with everything that belongs to them', () => {
    expect(
      named(
        pairs([
          ['a1', 'b1'],
          ['a2', 'b2'],
        ]),
      ),
    ).toEqual(['a1.locked=a2.locked b1.locked=b2.locked']);
  });

  it('have names that differ in numbers only', () => {
    expect(
      named(
        pairs([
          ['inode', 'b1'],
          ['page', 'b2'],
        ]),
      ),
    ).toEqual([]);
  });

  it('are not those of a daemon and those of a thread that must end', () => {
    expect(
      named(
        pairs(
          [
            ['a1', 'b1'],
            ['a2', 'b2'],
          ],
          1,
        ),
      ),
    ).toEqual([]);
  });

  it('are the inodes that nobody truncates, and the inodes to inactivate', () => {
    expect(named(reclaimModel({ tasks: 3, inodes: 3, victims: 2, vmfOrFs: true }))).toEqual([
      'ilock1=ilock2 ail1=ail2 entry1=entry2 ml_r1=ml_r2 ml_w1=ml_w2',
      'ilock3=ilock4 ail3=ail4 inact3=inact4',
    ]);
  });

  it('may go round: five places at a table', () => {
    expect(elements(philosophers(5))).toHaveLength(4);
    expect(elements(philosophers(5, { ordered: true }))).toHaveLength(0);
  });
});

/** Threads that take a lock which remembers its owner by number; the last may let go what it does not own. */
function owners(count: number, careless: boolean): Model {
  const world = createWorld();
  const owner = world.cell('owner', count);
  const own = kernelFunction('own', function* (cell: Cell, me: number, checks: boolean): Generator<Op, number, number> {
    yield op('take', [{ when: [when(cell, '==', 0)], does: [set(cell, me)], result: 0 }]);
    if (checks) yield awaitValue(cell, me);
    yield op('let go', [{ when: [], does: [set(cell, 0)], result: 0 }]);
    return 0;
  });
  const threads = Array.from({ length: count }, (_, index) => ({
    name: `thread ${index}`,
    start: own(owner, index + 1, !careless || index > 0),
  }));
  return { name: 'owners', world, threads };
}

describe('numbers of owners', () => {
  it('are renamed with the threads that they name', () => {
    const model = owners(4, false);
    expect(elements(model)).toHaveLength(6);
    const unreduced = explore(model, { symmetry: false, persistentSets: false });
    const reduced = explore(model, { persistentSets: false });
    expect(reduced.verdict).toBe(unreduced.verdict);
    // How many are done, and whether nobody, somebody who has not looked, or somebody who has, owns it.
    expect(reduced.states).toBe(5 + 4 + 4);
    expect(unreduced.states).toBe(2 ** 4 + 2 * 4 * 2 ** 3);
  });

  it('tell apart a thread that does something else', () => {
    expect(elements(owners(4, true))).toHaveLength(3);
  });
});

describe('a search with interchangeable objects', () => {
  const model = reclaimModel({ tasks: 3, inodes: 3, victims: 2, vmfOrFs: true });
  const options = { all: true, witnessStates: 0, partialDeadlocks: false };

  it('stores one state for each that differs in names only, and says the same', () => {
    const [reduced, unreduced] = [true, false].map((symmetry) => explore(model, { ...options, symmetry }));
    expect(reduced?.verdict).toBe('found');
    expect(unreduced?.verdict).toBe('found');
    expect((reduced?.states ?? 0) * 2).toBeLessThan(unreduced?.states ?? 0);
  });

  it('shows every step that can be taken, each with a schedule that leads to it', () => {
    const [reduced, unreduced] = [true, false].map((symmetry) => [...explore(model, { ...options, symmetry }).taken()]);
    const labels = (steps: typeof reduced) =>
      steps?.map(({ threads, from, edge }) => `${threads} ${from.id} ${edge.index}`);
    expect(labels(reduced)).toEqual(labels(unreduced));
    for (const step of reduced ?? []) {
      const standing = step.schedule().threads.filter(({ name, enabled }) => step.threads.includes(name) && enabled);
      expect(standing.map((thread) => thread.at)).toContain(step.from.example.op?.name);
    }
  });

  it('finds deadlocks whose schedules can be replayed', () => {
    for (const { witness } of explore(model, options).deadlocks)
      expect(witness.threads.some((thread) => thread.enabled)).toBe(false);
  });
});

describe('threads that stand at one place', () => {
  const visit = kernelFunction('visit', function* (door: Mutex) {
    yield lock(door);
    yield unlock(door);
    return 0;
  });
  const leave = kernelFunction('leave', function* (door: Mutex, away: Mutex) {
    yield lock(door);
    yield lock(away);
    return 0;
  });
  const crowd = (visitors: number, others = 0): Model => {
    const world = createWorld();
    const [door, away] = [createMutex(world, 'door'), createMutex(world, 'away')];
    const threads = Array.from({ length: visitors + others }, (_, index) => ({
      name: `thread ${index}`,
      start: index < visitors ? visit(door) : leave(door, away),
    }));
    return { name: 'crowd', world, threads };
  };
  const states = (model: Model, options: ExploreOptions = {}): number =>
    explore(model, { fuseFrom: 0, ...options }).states;

  it('go one by one, as long as nobody else minds: the others would do the same', () => {
    expect([2, 3, 4].map((count) => states(crowd(count)))).toEqual([2, 2, 2]);
    expect(states(crowd(4), { symmetry: false })).toBeGreaterThan(states(crowd(2), { symmetry: false }));
    expect([2, 3, 4].map((count) => states(crowd(count, 1)))).toEqual([5, 5, 5]);
  });

  it.each([{}, { proviso: false }, { symmetry: false }])('are not stuck before one of them is: %j', (options) => {
    const { deadlocks } = explore(crowd(0, 3), { ...options, fuseFrom: 0, all: true });
    const lengths = deadlocks.map(({ witness }) => [witness.waiters.length, witness.moves.length]);
    expect(lengths).toEqual([[2, 1]]);
  });
});
