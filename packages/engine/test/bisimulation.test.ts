import {
  choose,
  createMutex,
  createWorld,
  explore,
  kernelFunction,
  load,
  lock,
  type Model,
  note,
  store,
  unlock,
} from '@faultpath/engine';
import { describe, expect, it } from 'vitest';
import { toldEvents } from './told-events.ts';

/** Three threads take a lock, each for one of many reasons, and tell which. */
function reasons(count: number): Model {
  const world = createWorld();
  const mutex = createMutex(world, 'mutex');
  const take = kernelFunction('take', function* () {
    const reason = yield choose(count);
    yield lock(mutex);
    yield unlock(mutex);
    yield note('taken', `because of ${String(reason)}`);
    return 0;
  });
  return { name: 'reasons', world, threads: [0, 1, 2].map((index) => ({ name: `t${index}`, start: take() })) };
}

/** Sets a flag one way or the other, and tells what it then sees; another thread may have changed it. */
function ways(changed: boolean): Model {
  const world = createWorld();
  const flag = world.cell('flag', 1);
  const go = kernelFunction('go', function* () {
    const way = (yield choose(2)) as number;
    yield store(flag, way);
    const saw = yield load(flag);
    yield note('saw', `way ${way} saw ${String(saw)}`);
    return 0;
  });
  const change = kernelFunction('change', function* () {
    yield store(flag, 1);
    return 0;
  });
  const threads = [{ name: 'go', start: go() }, ...(changed ? [{ name: 'change', start: change() }] : [])];
  return { name: 'ways', world, threads };
}

const full = { all: true, witnessStates: 0 } as const;

describe('states that nobody can tell apart', () => {
  it('are stored once, and what happens in each is told all the same', () => {
    const five = explore(reasons(5), full);
    const apart = explore(reasons(5), { ...full, bisimulation: false });
    expect(five.states).toBeLessThan(apart.states / 2);
    expect(toldEvents(five.walk())).toEqual([0, 1, 2, 3, 4].map((reason) => `because of ${reason}`));
    expect(toldEvents(five.walk())).toEqual(toldEvents(apart.walk()));
    expect(five.verdict).toBe(apart.verdict);
  });

  it('leave open whether a step is taken in which of them, until somebody asks', () => {
    const exploration = explore(ways(false), full);
    expect(exploration.leavesOpen()).toBe(true);
    expect(toldEvents(exploration.sureWalk()).every((each) => toldEvents(exploration.walk()).includes(each))).toBe(
      true,
    );
    expect(toldEvents(exploration.mayWalk())).toEqual(['way 0 saw 0', 'way 0 saw 1', 'way 1 saw 0', 'way 1 saw 1']);
    expect(toldEvents(exploration.walk())).toEqual(['way 0 saw 0', 'way 1 saw 1']);
    const apart = explore(ways(false), { ...full, bisimulation: false });
    expect(apart.leavesOpen()).toBe(false);
    expect(toldEvents(apart.mayWalk())).toEqual(['way 0 saw 0', 'way 1 saw 1']);
  });

  it('have the steps of another context once there is one', () => {
    const exploration = explore(ways(true), full);
    expect(toldEvents(exploration.walk())).toEqual(['way 0 saw 0', 'way 0 saw 1', 'way 1 saw 1']);
    const schedules = [...exploration.taken()].map((step) => step.schedule().schedule);
    expect(schedules.length).toBeGreaterThan(4);
  });
});
