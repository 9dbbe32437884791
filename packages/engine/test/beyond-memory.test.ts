import {
  type AsyncExploreOptions,
  compileSystem,
  exploreApproximately,
  exploreAsync,
  exploreSystem,
  sample,
  simulate,
} from '@faultpath/engine';
import { describe, expect, it } from 'vitest';
import { nothingReduced } from './every-state.ts';
import { boundedBuffer } from './models/buffer.ts';
import { peterson } from './models/peterson.ts';
import { philosophers } from './models/philosophers.ts';
import { reclaimModel } from './models/reclaim.ts';
import { told } from './told.ts';

const safe = compileSystem(reclaimModel({ tasks: 2, inodes: 2, vmfOrFs: true, nofs: true }));
const bug = compileSystem(reclaimModel({ tasks: 2, inodes: 2, vmfOrFs: true }));
describe('a search that gives way', () => {
  it('answers as the one that does not', async () => {
    const { verdict, states } = await exploreAsync(safe, nothingReduced);
    expect({ verdict, states }).toEqual({ verdict: 'proved', states: 17_788 });
  });

  it('gives a partial answer when it is aborted, never a proof', async () => {
    const controller = new AbortController();
    const options: AsyncExploreOptions = {
      ...nothingReduced,
      signal: controller.signal,
      onProgress: () => {
        controller.abort();
        return undefined;
      },
    };
    const { verdict, exhausted, states } = await exploreAsync(safe, options);
    expect({ verdict, exhausted }).toEqual({ verdict: 'incomplete', exhausted: false });
    expect(states).toBeGreaterThan(8192);
    expect(states).toBeLessThan(17_788);
  });
});

describe('a checkpoint', () => {
  it.each([nothingReduced, { symmetry: false, fuse: false }, {}, { fuseFrom: 0 }, { fuseFrom: 100 }])(
    'lets a search go on, with the same end: %j',
    (switches) => {
      const whole = exploreSystem(safe, switches);
      const part = exploreSystem(safe, { ...switches, maxStates: 200 });
      expect(part.verdict).toBe('incomplete');
      const resume = structuredClone(part.checkpoint());
      if (resume === undefined) throw new Error('a search that spent its budget can go on');
      const rest = exploreSystem(safe, { ...switches, resume });
      expect(rest).toMatchObject({ verdict: 'proved', states: whole.states, transitions: whole.transitions });
      expect([...rest.taken()].length).toBe([...whole.taken()].length);
      expect(whole.checkpoint()).toBeUndefined();
    },
  );

  it.each([
    {},
    { proviso: false },
    { symmetry: false, bisimulation: false },
    { sleepSets: true },
    { sleepSets: true, fuse: false },
    { sleepSets: true, proviso: false, partialDeadlocks: false },
  ])('lets a search go on wherever it stopped, and all that is told is the same: %j', (switches) => {
    for (const system of [safe, bug, compileSystem(philosophers(6)), compileSystem(boundedBuffer(2, 2, true))]) {
      const options = { ...switches, all: true, witnessStates: 0 };
      const whole = exploreSystem(system, options);
      const expected = told(whole);
      let stops = 0;
      for (let at = 1; at < whole.states; at += 1 + (whole.states >> 4)) {
        const resume = structuredClone(exploreSystem(system, { ...options, maxStates: at }).checkpoint());
        if (resume === undefined) continue;
        stops++;
        expect(told(exploreSystem(system, { ...options, resume }))).toEqual(expected);
      }
      expect(stops).toBeGreaterThan(5);
    }
  });

  it('finds after it what it had not found before', () => {
    const part = exploreSystem(bug, { ...nothingReduced, maxStates: 300 });
    const resume = part.checkpoint();
    expect(part.verdict).toBe('incomplete');
    const { verdict, deadlocks } = exploreSystem(bug, {
      ...nothingReduced,
      ...(resume && { resume }),
      witnessStates: 0,
    });
    expect(verdict).toBe('found');
    expect(deadlocks[0]?.witness.moves).toHaveLength(24);
  });

  it('of another model, or with other switches, is refused', () => {
    const resume = exploreSystem(safe, { ...nothingReduced, maxStates: 300 }).checkpoint();
    if (resume === undefined) throw new Error('a search that spent its budget can go on');
    const refused = expect.objectContaining({ code: 'ENGINE_CHECKPOINT' });
    expect(() => exploreSystem(bug, { ...nothingReduced, resume })).toThrow(refused);
    expect(() => exploreSystem(safe, { resume })).toThrow(refused);
    expect(() => exploreSystem(safe, { ...nothingReduced, order: 'dfs', resume })).toThrow(refused);
  });
});

describe('approximate searches', () => {
  it.each(['bitstate', 'compact'] as const)('%s: never a proof, and here no state left out', (storage) => {
    const { verdict, states, transitions, approximate, witness } = exploreApproximately(safe, { storage });
    expect({ verdict, states, transitions }).toEqual({ verdict: 'incomplete', states: 17_788, transitions: 64_412 });
    expect(approximate).toBe(storage === 'bitstate' ? 'bitstate' : 'hash compaction');
    expect(witness).toBeUndefined();
  });

  it.each(['bitstate', 'compact'] as const)('%s: a witness that replays', (storage) => {
    for (const persistentSets of [false, true]) {
      const { verdict, witness } = exploreApproximately(bug, { storage, persistentSets });
      expect(verdict).toBe('found');
      const simulation = simulate(bug);
      for (const move of witness?.moves ?? []) simulation.step(move);
      expect(simulation.threads().some((thread) => thread.enabled)).toBe(false);
      expect(witness?.waiters.length).toBeGreaterThan(0);
    }
    const broken = exploreApproximately(compileSystem(peterson(2, false)), { storage });
    expect(broken.witness?.steps.at(-1)?.error?.code).toBe('engine/cell-range');
  });

  it('says how full a small table is, and that it was cut short', () => {
    const small = exploreApproximately(safe, { storage: 'bitstate', bytes: 1024 });
    expect(small.fill).toBeGreaterThan(0.5);
    expect(small.states).toBeLessThan(17_788);
    expect(exploreApproximately(safe, { storage: 'compact', maxStates: 100 })).toMatchObject({ truncated: true });
    expect(exploreApproximately(safe, { storage: 'compact', depth: 10 })).toMatchObject({ truncated: true });
    expect(() => exploreApproximately(safe, { storage: 'bitstate', bytes: 1000 })).toThrow(
      expect.objectContaining({ code: 'ENGINE_ARGUMENT' }),
    );
  });
});

describe('sampled schedules', () => {
  it('find a deadlock, the same one for the same seed', () => {
    const system = compileSystem(boundedBuffer(2, 2, true));
    const first = sample(system, { seed: 7, runs: 200 });
    expect(first.verdict).toBe('found');
    expect(first.witness?.waiters.length).toBeGreaterThan(0);
    expect(sample(system, { seed: 7, runs: 200 }).witness?.schedule).toBe(first.witness?.schedule);
  });

  it('never prove, and state what they guarantee', () => {
    const system = compileSystem(philosophers(3, { ordered: true, once: true }));
    const sampled = sample(system, { seed: 1, runs: 50, depth: 2 });
    // 3 threads, 12 steps in every run.
    expect(sampled).toMatchObject({ verdict: 'incomplete', runs: 50, longest: 12, cut: 0, guarantee: 1 / (3 * 12) });
    expect(sample(compileSystem(philosophers(2, { ordered: true })), { seed: 1, runs: 2, steps: 30 }).cut).toBe(2);
    expect(() => sample(system, { seed: 1, runs: 0 })).toThrow(expect.objectContaining({ code: 'ENGINE_ARGUMENT' }));
  });

  it('meet model errors', () => {
    const { witness } = sample(compileSystem(peterson(2, false)), { seed: 3, runs: 500 });
    expect(witness?.steps.at(-1)?.error?.code).toBe('engine/cell-range');
  });
});
