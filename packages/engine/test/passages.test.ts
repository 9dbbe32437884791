import {
  add,
  compileSystem,
  createMutex,
  createRwLock,
  createWorld,
  explore,
  kernelFunction,
  lock,
  type Model,
  note,
  op,
  readUnlock,
  tryReadLock,
  unlock,
  when,
  writeLock,
  writeUnlock,
} from '@faultpath/engine';
import { describe, expect, it } from 'vitest';
import { toldEvents } from './told-events.ts';

type Between = 'nothing' | 'a lock' | 'a writer that minds';

/** Two threads try a lock for reading before they take another; a writer takes the first. */
function trying(between: Between): Model {
  const world = createWorld();
  const tried = createRwLock(world, 'tried', { tasks: 3 });
  const other = createMutex(world, 'other');
  const inside = world.cell('inside', 2);
  const tries = kernelFunction('tries', function* () {
    const got = yield tryReadLock(tried);
    yield note('tried', got ? 'got it' : 'was kept out');
    if (got) {
      if (between === 'a lock') {
        yield lock(other);
        yield unlock(other);
      }
      yield readUnlock(tried);
    }
    yield lock(other);
    yield unlock(other);
    return 0;
  });
  const counts = kernelFunction('counts', function* () {
    yield op('inside', [{ when: [], does: [add(inside, 1)], result: 0 }]);
    yield op('outside', [{ when: [], does: [add(inside, -1)], result: 0 }]);
    return 0;
  });
  const minds = kernelFunction('minds', function* () {
    yield op('sees one inside', [{ when: [when(inside, '>=', 1)], does: [], result: 0 }]);
    return 0;
  });
  const writes = kernelFunction('writes', function* () {
    yield writeLock(tried);
    yield writeUnlock(tried);
    return 0;
  });
  const counted = between === 'a writer that minds';
  return {
    name: 'trying',
    world,
    threads: counted
      ? [
          { name: 'counts', start: counts() },
          { name: 'minds', start: minds() },
        ]
      : [
          { name: 't0', start: tries() },
          { name: 't1', start: tries() },
          { name: 'writer', start: writes() },
        ],
  };
}

function passages(between: Between): number {
  return compileSystem(trying(between)).passages.flatMap((of) => [...of].filter((behind) => behind >= 0)).length;
}

const full = { all: true, witnessStates: 0 } as const;

function told(model: Model, bisimulation: boolean): readonly string[] {
  return toldEvents(explore(model, { ...full, bisimulation }).walk());
}

describe('places that a thread can only pass', () => {
  it('are those where it takes nothing for longer than a step, whatever the others do', () => {
    expect(passages('nothing')).toBe(1);
    expect(passages('a lock')).toBe(0);
    expect(passages('a writer that minds')).toBe(0);
  });

  it('cost no states, and what is told in them is told', () => {
    const passing = explore(trying('nothing'), full);
    const standing = explore(trying('nothing'), { ...full, bisimulation: false });
    expect(passing.states).toBeLessThan(standing.states);
    expect(passing.verdict).toBe(standing.verdict);
    expect(told(trying('nothing'), true)).toEqual(told(trying('nothing'), false));
    expect(told(trying('nothing'), true)).toContain('was kept out');
  });

  it('are none where somebody could mind: the one who waits for a reader is not left waiting', () => {
    const exploration = explore(trying('a writer that minds'), full);
    expect(exploration.verdict).toBe('found');
    expect([...exploration.walk()].some(({ threads }) => threads.includes('minds'))).toBe(true);
  });
});
