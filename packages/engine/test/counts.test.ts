import { type ExploreOptions, explore, type Model } from '@faultpath/engine';
import { describe, expect, it } from 'vitest';
import { everyState } from './every-state.ts';
import { boundedBuffer } from './models/buffer.ts';
import { handOverHand } from './models/hand-over-hand.ts';
import { peterson } from './models/peterson.ts';
import { philosophers } from './models/philosophers.ts';
import { readersWriters } from './models/readers-writers.ts';
import { type ReclaimParameters, reclaimModel } from './models/reclaim.ts';

function count(model: Model, options: ExploreOptions = {}) {
  const { states, transitions, deadlocks, verdict, errors } = explore(model, { ...everyState, ...options });
  return { states, transitions, deadlocks: deadlocks.length, errors: errors.length, verdict };
}

const proved = { deadlocks: 0, errors: 0, verdict: 'proved' };

describe('exact counts', () => {
  // A philosopher has no fork (0), the first (1), both (2), the first again (3). Both excludes a right neighbour with
  // any: closed walks of length N over that relation are L(N) = 3 L(N-1) + L(N-2), L(0) = 2, L(1) = 3. Everybody in 3
  // can't be reached: whoever was there first needs a right neighbour without a fork.
  it.each([
    [3, 36 - 1, 77],
    [4, 119 - 1, 342],
    [6, 1298 - 1, 5624],
  ])('%i philosophers for ever: %i states and the one deadlock', (size, states, transitions) => {
    // SPIN's transitions have the two of its init process too, here and below.
    expect(count(philosophers(size))).toEqual({
      states,
      transitions: transitions - 2,
      deadlocks: 1,
      errors: 0,
      verdict: 'found',
    });
  });

  it.each([
    ['6 philosophers in order', philosophers(6, { ordered: true }), 862, 3516],
    ['4 philosophers in order, once', philosophers(4, { ordered: true, once: true }), 320, 704],
    ['bounded buffer, 2 pairs, 2 slots', boundedBuffer(2, 2), 123, 236],
    ['bounded buffer, 3 pairs, 3 slots', boundedBuffer(3, 3), 1265, 3579],
    ['3 threads hand over hand on 5 locks', handOverHand(3, 5), 328, 702],
    ['3 threads hand over hand, once', handOverHand(3, 5, { once: true }), 566, 1092],
  ])('%s: SPIN’s count without its init process, and no deadlock', (_, model, states, transitions) => {
    expect(count(model)).toEqual({ ...proved, states, transitions });
  });

  it.each([
    ['4 philosophers, once', philosophers(4, { once: true }), 391, 924, 1],
    ['buffer with the wrong order, 2 pairs', boundedBuffer(2, 2, true), 134, 266, 2],
    ['buffer with the wrong order, 3 pairs', boundedBuffer(3, 3, true), 1096, 3102, 3],
    ['3 threads, one the other way', handOverHand(3, 5, { inverted: true }), 178, 354, 8],
    ['2 threads, one the other way, once', handOverHand(2, 4, { inverted: true, once: true }), 45, 58, 3],
  ])('%s: SPIN’s count, and every deadlock', (_, model, states, transitions, deadlocks) => {
    expect(count(model)).toEqual({ states, transitions, deadlocks, errors: 0, verdict: 'found' });
  });

  // Unfair: any set of the readers is inside, or one writer: 2^R + W states. Each state with r readers in has R
  // moves of readers; the one without has W more; a writer has one.
  it.each([
    [2, 1],
    [3, 2],
    [5, 3],
  ])('%i readers and %i writers without preference', (readers, writers) => {
    expect(count(readersWriters(readers, writers, { fair: false }))).toEqual({
      ...proved,
      states: 2 ** readers + writers,
      transitions: readers * 2 ** readers + 2 * writers,
    });
  });

  // Fair: besides, any set of the writers queues. Free and empty queue, 1; readers in (2^R - 1) times any queue
  // (2^W); a writer in (W) times any queue of the others (2^(W-1)); free with a non-empty queue (2^W - 1), which is
  // left by the last one out.
  it.each([
    [1, 1],
    [2, 2],
    [4, 3],
  ])('%i readers and %i writers with writer preference', (readers, writers) => {
    const { states, verdict } = count(readersWriters(readers, writers, { fair: true }));
    expect({ states, verdict }).toEqual({
      states: 1 + (2 ** readers - 1) * 2 ** writers + writers * 2 ** (writers - 1) + (2 ** writers - 1),
      verdict: 'proved',
    });
  });

  it('the filter lock keeps others out, and without its waits does not', () => {
    expect(count(peterson(3))).toMatchObject(proved);
    expect(explore(peterson(3, false)).errors[0]?.code).toBe('engine/cell-range');
  });
});

describe('the reclaim model of the peers', () => {
  const safe: ReclaimParameters = { tasks: 2, inodes: 2, vmfOrFs: true, nofs: true };
  const bug: ReclaimParameters = { tasks: 2, inodes: 2, vmfOrFs: true };

  it.each([
    [2, 17_788, 64_412],
    [3, 206_148, 900_372],
  ])('has the states and transitions of SPIN, TLC and rumur for %i tasks', (tasks, states, transitions) => {
    expect(count(reclaimModel({ ...safe, tasks }))).toEqual({ ...proved, states, transitions });
  });

  it.each([
    ['2 tasks', bug, 18_564 - 2, 4],
    ['3 tasks', { ...bug, tasks: 3 }, 214_658 - 2, 18],
    ['2 tasks, any inode may be reclaimed', { ...bug, victimAny: true }, 274_144 - 2, 445],
    ['2 tasks, writers first', { ...bug, fair: true }, 21_100 - 2, 4],
    ['3 tasks, a log of three', { ...bug, tasks: 3, logSpace: 3 }, 283_684 - 2, 6],
  ])('%s: as many states and deadlocks as SPIN', (_, parameters, states, deadlocks) => {
    expect(count(reclaimModel(parameters))).toMatchObject({ states, deadlocks, verdict: 'found' });
  });

  it('is safe where writers go first, and where the mask has no FS', () => {
    expect(count(reclaimModel({ ...safe, fair: true }))).toMatchObject({ ...proved, states: 20_238 - 2 });
    expect(count(reclaimModel({ tasks: 2, inodes: 1 }))).toMatchObject({ ...proved, states: 10_604 - 2 });
  });

  it.each([
    [2, 4, 4],
    [3, 18, 10],
    [4, 71, 23],
  ])(
    'keeps every deadlock of %i tasks under persistent sets (%i), and every orbit under symmetry (%i)',
    (tasks, all, orbits) => {
      const model = reclaimModel({ ...bug, tasks });
      expect(count(model, { persistentSets: true }).deadlocks).toBe(all);
      expect(count(model, { persistentSets: true, symmetry: true }).deadlocks).toBe(orbits);
    },
  );
});
