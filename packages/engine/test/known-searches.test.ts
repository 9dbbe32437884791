import {
  createKnownSearches,
  createMutex,
  createWorld,
  explore,
  kernelFunction,
  lock,
  type Model,
  note,
  op,
  unlock,
} from '@faultpath/engine';
import { describe, expect, it } from 'vitest';

/** Two threads take two locks, in one order or each in its own. */
function twoLocks(name: string, crossed: boolean, mistake = false): Model {
  const world = createWorld();
  const first = createMutex(world, `${name} first`);
  const second = createMutex(world, `${name} second`);
  const takes = (one: typeof first, other: typeof first) =>
    kernelFunction(`${name}_takes`, function* () {
      yield lock(one);
      yield note(name, { told: name });
      yield lock(other);
      if (mistake)
        yield op('ends badly', [{ when: [], does: [], result: 0, error: { code: 'test/bad', message: name } }]);
      yield unlock(other);
      yield unlock(one);
      return 0;
    })();
  const start = [takes(first, second), crossed ? takes(second, first) : takes(first, second)];
  return { name, world, threads: start.map((call, index) => ({ name: `${name}${index}`, start: call })) };
}

describe('searches that are made once', () => {
  it('serve models that differ in names and events, and each tells its own', () => {
    const known = createKnownSearches();
    const results = new Set<unknown>();
    const counted: typeof known = {
      ...known,
      search(system, options) {
        const result = known.search(system, options);
        results.add(result);
        return result;
      },
    };
    const one = explore(twoLocks('alpha', true), { known: counted, all: true });
    const other = explore(twoLocks('beta', true), { known: counted, all: true });
    const alone = explore(twoLocks('beta', true), { all: true });
    expect(other.states).toBe(one.states);
    expect(results.size).toBe(1);
    expect(other.deadlocks[0]?.witness.waiters.map((waiter) => waiter.wants?.object.name)).toEqual(
      alone.deadlocks[0]?.witness.waiters.map((waiter) => waiter.wants?.object.name),
    );
    expect(other.deadlocks[0]?.witness.schedule).toBe(alone.deadlocks[0]?.witness.schedule);
    expect([...other.taken()].length).toBe([...alone.taken()].length);
  });

  it('do not serve one that can do something else, or another search', () => {
    const known = createKnownSearches();
    expect(explore(twoLocks('alpha', true), { known }).verdict).toBe('found');
    expect(explore(twoLocks('alpha', false), { known }).verdict).toBe('proved');
    const unreduced = { persistentSets: false, symmetry: false };
    expect(explore(twoLocks('alpha', false), { known, ...unreduced }).states).toBe(
      explore(twoLocks('alpha', false), unreduced).states,
    );
  });

  it('name the mistake of each model', () => {
    const known = createKnownSearches();
    const messages = ['alpha', 'beta'].map(
      (name) => explore(twoLocks(name, false, true), { known, all: true }).errors[0]?.message,
    );
    expect(messages).toEqual(['alpha', 'beta']);
  });

  it('are forgotten where there are too many, and after one that was stopped', () => {
    const known = createKnownSearches(0);
    expect(explore(twoLocks('alpha', false), { known }).verdict).toBe('proved');
    expect(explore(twoLocks('beta', false), { known }).verdict).toBe('proved');
    const few = createKnownSearches();
    expect(explore(twoLocks('alpha', false), { known: few, maxStates: 1 }).verdict).toBe('incomplete');
    expect(explore(twoLocks('alpha', false), { known: few }).verdict).toBe('proved');
  });
});
