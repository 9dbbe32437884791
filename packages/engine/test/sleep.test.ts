import { type ExploreOptions, explore } from '@faultpath/engine';
import { describe, expect, it } from 'vitest';
import { handOverHand } from './models/hand-over-hand.ts';
import { philosophers } from './models/philosophers.ts';
import { reclaimModel } from './models/reclaim.ts';

const full: ExploreOptions = { proviso: false, partialDeadlocks: false, all: true, witnessStates: 0 };

describe('sleep sets', () => {
  it('alone leave out steps, and no state', () => {
    for (const model of [handOverHand(3, 5), philosophers(5)]) {
      const options = { ...full, persistentSets: false, symmetry: false };
      const [with_, without] = [true, false].map((sleepSets) => explore(model, { ...options, sleepSets }));
      expect(with_?.states).toBe(without?.states);
      expect(with_?.transitions).toBeLessThan(without?.transitions ?? 0);
      expect(with_?.deadlocks.length).toBe(without?.deadlocks.length);
    }
  });

  it.each([full, { all: true, witnessStates: 0 }])('with the other reductions leave out more, with %j', (options) => {
    const model = reclaimModel({ tasks: 4, inodes: 2, vmfOrFs: true });
    const [with_, without] = [true, false].map((sleepSets) => explore(model, { ...options, sleepSets }));
    expect(with_?.verdict).toBe(without?.verdict);
    expect((with_?.transitions ?? 0) * 1.5).toBeLessThan(without?.transitions ?? 0);
    if (options === full) expect(with_?.deadlocks.length).toBe(without?.deadlocks.length);
  });
});
