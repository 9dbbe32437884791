import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexOfGfp } from '../../src/gfp/scan.ts';

describe('indexOfGfp', () => {
  it('finds what Buffer.indexOf finds, from any offset and up to any size', () => {
    const text = fc.array(fc.constantFrom('g', 'f', 'p', 'gfp', 'gf', 'fp', 'h', 'o', 'A', ' ', 'é', 'zzzzzzz'), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(text, fc.nat(20), fc.nat(60), (pieces, from, size) => {
        const bytes = Buffer.from(pieces.join(''));
        const end = Math.min(size, bytes.length);
        expect(indexOfGfp(bytes, from, end)).toBe(bytes.subarray(0, end).indexOf('gfp', from));
      }),
      { numRuns: 3000 },
    );
  });
});
