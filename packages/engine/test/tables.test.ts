import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SIGN, within } from '../src/guard-range.ts';
import { type Comparison, guardHolds } from '../src/op.ts';
import { sameValue } from '../src/same.ts';
import { mapKey, registerConstant, settle, valueKey } from '../src/value.ts';
import { createWorld } from '../src/world.ts';

const comparisons: readonly Comparison[] = ['==', '!=', '<', '<=', '>', '>='];
const LARGEST = 0x3fffffff;

describe('guards as numbers', () => {
  it('let through what the comparison does, at every edge', () => {
    const edges = [-2, -1, 0, 1, 2, 3, LARGEST - 1, LARGEST, LARGEST + 1, 1.5, -0.5, Number.NaN, Infinity, -Infinity];
    const values = [0, 1, 2, 3, 7, LARGEST - 1, LARGEST];
    for (const is of comparisons) {
      for (const edge of edges) {
        const [least, span] = within(is, edge);
        for (const value of values)
          expect(((value - least) ^ SIGN) <= span, `${value} ${is} ${edge}`).toBe(guardHolds(is, value, edge));
      }
    }
  });
});

describe('values compared without their keys', () => {
  const world = createWorld();
  const leaves = [
    ...[world.cell('a', 3), world.cell('b', 3), world.local('l', 3), world.object('o')],
    ...[
      registerConstant({ x: 1 }),
      registerConstant({ x: 1 }),
      null,
      undefined,
      0,
      -0,
      1,
      '1',
      'a',
      '',
      Number.NaN,
      true,
    ],
  ];
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(...leaves),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('x', 'y', 'type'), tie('value'), { noNullPrototype: true }),
    ),
  }));

  it('are the same exactly when their keys are', () => {
    fc.assert(
      fc.property(value, value, (left, right) => {
        settle(left, 'test');
        settle(right, 'test');
        const alike = valueKey(left, 'test') === valueKey(right, 'test');
        expect(sameValue(left, right)).toBe(alike);
        expect(new Map([[mapKey(left, 'test'), 1]]).has(mapKey(right, 'test'))).toBe(alike);
        expect(sameValue(left, structuredCloneOf(left))).toBe(true);
      }),
      { numRuns: 2000, seed: 20161217 },
    );
  });

  it('are frozen, or refused where they could change', () => {
    const record = { inner: [{ x: 1 }] };
    settle(record, 'test');
    expect(Object.isFrozen(record.inner[0])).toBe(true);
    for (const wrong of [new Map(), () => 1, [new Date()], { x: Symbol('x') }])
      expect(() => settle(wrong, 'test')).toThrow(expect.objectContaining({ code: 'ENGINE_ARGUMENT' }));
  });
});

/** A copy of the plain parts; handles and constants stay what they are. */
function structuredCloneOf(of: unknown): unknown {
  if (Array.isArray(of)) return of.map(structuredCloneOf);
  if (typeof of !== 'object' || of === null || valueKey(of, 'test').startsWith('c')) return of;
  return Object.fromEntries(Object.entries(of).map(([name, inner]) => [name, structuredCloneOf(inner)]));
}
