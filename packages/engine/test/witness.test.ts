import {
  compileSystem,
  createKnownSearches,
  createMutex,
  createWorld,
  explore,
  formatSchedule,
  kernelFunction,
  lock,
  parseSchedule,
  simulate,
  unlock,
} from '@faultpath/engine';
import { describe, expect, it } from 'vitest';
import { handOverHand } from './models/hand-over-hand.ts';
import { philosophers } from './models/philosophers.ts';
import { reclaimModel } from './models/reclaim.ts';

describe('schedules', () => {
  it('are written and read back', () => {
    const moves = [0, 0, 0, 1, 2].map((thread, index) => ({ thread, alternative: index === 3 ? 2 : 0 }));
    expect(formatSchedule(moves)).toBe('v1:0x3.1:2.2');
    expect(parseSchedule('v1:0x3.1:2.2')).toEqual(moves);
    expect(parseSchedule(formatSchedule([]))).toEqual([]);
  });

  it.each(['', '0.1', 'v2:0', 'v1:a', 'v1:0..1', 'v1:0x0', 'v1:0x9999999', 'v1:-1', 'v1:0:1:2'])(
    'refuses %j',
    (text) => {
      expect(() => parseSchedule(text)).toThrow(expect.objectContaining({ code: 'ENGINE_SCHEDULE' }));
    },
  );

  it.each([
    ['a thread that does not exist', 'v1:0.7', /step 1, thread 7/],
    ['a step that has to wait', 'v1:0.1x2', /step 2, thread 1 .*wait: fork0\.locked is 1/],
    ['an alternative that does not exist', 'v1:0:3', /step 0, thread 0 .*no alternative 3/],
    ['a thread that is finished', 'v1:0x5', /step 4, thread 0 .*finished/],
  ])('that do not fit say at which step and why: %s', (_, schedule, message) => {
    const simulation = simulate(compileSystem(philosophers(2, { once: true })));
    const play = () => {
      for (const move of parseSchedule(schedule)) simulation.step(move);
    };
    expect(play).toThrow(expect.objectContaining({ code: 'ENGINE_SCHEDULE' }));
    const again = simulate(compileSystem(philosophers(2, { once: true })));
    expect(() => {
      for (const move of parseSchedule(schedule)) again.step(move);
    }).toThrow(message);
  });
});

describe('a witness', () => {
  it('names the cycle: who holds what, and who wants it', () => {
    const [found] = explore(philosophers(3)).deadlocks;
    expect(found?.partial).toBe(false);
    const cycle = found?.witness.cycle ?? [];
    expect(cycle).toHaveLength(3);
    for (const [at, waiter] of cycle.entries()) {
      const next = cycle[(at + 1) % cycle.length];
      expect(waiter.waitsFor).toEqual([next?.thread]);
      expect(next?.holds.map((hold) => hold.object.name)).toContain(waiter.wants?.object.name);
      expect(waiter.backtrace).toEqual(['eat']);
    }
    // Every philosopher takes one fork: nothing shorter deadlocks.
    expect(found?.witness.moves).toHaveLength(3);
    expect(found?.witness.switches).toBe(2);
  });

  it('ends in the same state when it is replayed', () => {
    const { deadlocks, system } = explore(handOverHand(3, 5, { inverted: true }));
    const witness = deadlocks[0]?.witness;
    const simulation = simulate(system);
    for (const move of parseSchedule(witness?.schedule ?? '')) simulation.step(move);
    expect(simulation.threads()).toEqual(witness?.threads);
    expect(simulation.threads().some((thread) => thread.enabled)).toBe(false);
  });

  // The lengths that SPIN's breadth-first search finds.
  it.each([
    [2, 24],
    [3, 28],
  ])('is the shortest: reclaim with %i tasks deadlocks after %i steps', (tasks, length) => {
    const { deadlocks } = explore(reclaimModel({ tasks, inodes: 2, vmfOrFs: true }), {
      partialDeadlocks: false,
      persistentSets: false,
    });
    expect(deadlocks[0]?.witness.moves).toHaveLength(length);
  });

  it.each([
    [{}, 1],
    [{ fuseFrom: 100 }, 2],
  ])('is not searched for where the first one is a nearest one: %j', (switches, wanted) => {
    const known = createKnownSearches();
    let searches = 0;
    const search: typeof known.search = (...given) => {
      searches++;
      return known.search(...given);
    };
    const { deadlocks } = explore(reclaimModel({ tasks: 3, inodes: 2, vmfOrFs: true }), {
      ...switches,
      partialDeadlocks: false,
      known: { ...known, search },
    });
    expect(deadlocks[0]?.witness.moves).toHaveLength(28);
    expect(searches).toBe(wanted);
  });

  it.each([
    { symmetry: true, fuse: true },
    { symmetry: true, fuse: false },
    { symmetry: false, fuse: true },
  ])('leads to every dead end and every step that was taken, through %j', (switches) => {
    const options = { ...switches, all: true, witnessStates: 0, partialDeadlocks: false };
    const { deadlocks, taken, system } = explore(reclaimModel({ tasks: 3, inodes: 2, vmfOrFs: true }), options);
    expect(deadlocks).toHaveLength(switches.symmetry ? 10 : 18);
    for (const { witness } of deadlocks) expect(witness.threads.some((thread) => thread.enabled)).toBe(false);
    for (const step of taken()) {
      const { threads } = step.schedule();
      const standing = threads.filter((thread) => step.threads.includes(thread.name) && thread.enabled);
      expect(standing.map((thread) => thread.at)).toContain(step.from.example.op?.name);
    }
    expect(system.symmetric).toHaveLength(1);
  });

  it('leaves out threads that have no part in it', () => {
    const world = createWorld();
    const [a, b] = [createMutex(world, 'a'), createMutex(world, 'b')];
    const twice = kernelFunction('twice', function* () {
      yield lock(a);
      yield lock(a);
      return 0;
    });
    const other = kernelFunction('other', function* () {
      yield lock(b);
      yield unlock(b);
      return 0;
    });
    const model = {
      name: 'bystander',
      world,
      threads: [
        { name: 'bystander', start: other(), repeat: true },
        { name: 'stuck', start: twice() },
      ],
    };
    const [found] = explore(model).deadlocks;
    expect(found?.partial).toBe(true);
    expect(found?.witness.steps.map((step) => step.name)).toEqual(['stuck']);
    expect(explore(model, { partialDeadlocks: false }).verdict).toBe('proved');
  });

  it('a daemon may wait at its start, and not away from it', () => {
    const world = createWorld();
    const [work, free] = [createMutex(world, 'work'), createMutex(world, 'free')];
    const take = kernelFunction('take', function* () {
      yield lock(work);
      return 0;
    });
    const daemon = kernelFunction('daemon', function* () {
      yield lock(work);
      yield lock(free);
      yield unlock(free);
      yield unlock(work);
      return 0;
    });
    const holder = kernelFunction('holder', function* () {
      yield lock(free);
      return 0;
    });
    const idle = [
      { name: 'take', start: take() },
      { name: 'daemon', start: daemon(), daemon: true, repeat: true },
    ];
    expect(explore({ name: 'idle', world, threads: idle }).verdict).toBe('proved');
    const stuck = [{ name: 'holder', start: holder() }, ...idle.slice(1)];
    const [found] = explore({ name: 'stuck', world, threads: stuck }).deadlocks;
    expect(found?.witness.waiters).toMatchObject([
      { name: 'daemon', wants: { object: { name: 'free' } }, waitsFor: [0] },
    ]);
  });

  it('a spent budget is incomplete, never proved', () => {
    expect(explore(philosophers(6, { ordered: true }), { maxStates: 50 })).toMatchObject({
      verdict: 'incomplete',
      exhausted: false,
    });
    let asked = 0;
    const stopped = explore(reclaimModel({ tasks: 3, inodes: 2 }), {
      persistentSets: false,
      onProgress: ({ states, frontier }) => {
        expect(states).toBeGreaterThan(frontier);
        asked++;
        return false;
      },
    });
    expect([asked, stopped.verdict]).toEqual([1, 'incomplete']);
  });
});
