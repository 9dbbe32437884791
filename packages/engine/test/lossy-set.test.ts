import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLossySet } from '../src/lossy-set.ts';

const vector = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 2, maxLength: 2 });

it('has nothing that was not added, and what was added last', () => {
  fc.assert(
    fc.property(fc.array(vector, { maxLength: 40 }), vector, (added, other) => {
      const set = createLossySet(2, 3);
      for (const each of added) {
        set.add(Int32Array.from(each));
        expect(set.has(Int32Array.from(each))).toBe(true);
      }
      if (set.has(Int32Array.from(other))) expect(added).toContainEqual(other);
    }),
  );
});

it('takes no empty place for a vector of zeros', () => {
  expect(createLossySet(2, 3).has(new Int32Array(2))).toBe(false);
});

it('forgets what falls to the place of another', () => {
  const set = createLossySet(1, 1);
  const all = Array.from({ length: 20 }, (_, value) => Int32Array.of(value));
  for (const each of all) set.add(each);
  expect(all.filter((each) => set.has(each)).length).toBeLessThanOrEqual(2);
});
