import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LONGEST_SCAN,
  plainScanner,
  type Scanner,
  SOUGHT,
  startOf,
  textAt,
  vectorScanner,
} from '../../src/gfp/scan.ts';

/** Offsets of the texts that a scanner leads to. */
function starts(scanner: Scanner, bytes: Buffer): readonly number[] {
  const places = [...scanner.places.subarray(0, scanner.scan(bytes))];
  expect(places).toEqual([...places].sort((a, b) => a - b));
  return places.flatMap((place) => {
    const which = textAt(bytes, place);
    return which < 0 ? [] : [startOf(which, place)];
  });
}

/** The same, as told by the text itself. */
function expected(bytes: Buffer): readonly number[] {
  const text = bytes.toString('latin1');
  return SOUGHT.flatMap((sought) => {
    const found: number[] = [];
    for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) found.push(at);
    return found;
  }).sort((a, b) => a - b);
}

const vector = vectorScanner() as Scanner;
const scanners: readonly (readonly [string, Scanner])[] = [
  ['with vector instructions', vector],
  ['without', plainScanner()],
];

describe.each(scanners)('looking for announcements %s', (_how, scanner) => {
  it('finds what indexOf finds, in any order and cut anywhere', () => {
    const piece = fc.oneof(
      fc.constantFrom(...SOUGHT, 'fp', ':0x', 'x v', 'D', 'p', 'x', 'k', 'g', '\n'),
      fc.string({ unit: 'binary', maxLength: 40 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.nat(30), (pieces, cut) => {
        const whole = Buffer.from(pieces.join(''), 'latin1');
        const bytes = whole.subarray(0, Math.max(0, whole.length - cut));
        expect(starts(scanner, bytes)).toEqual(expected(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  it('sees nothing of what it scanned before', () => {
    expect(starts(scanner, Buffer.from('gfp'.repeat(40)))).toHaveLength(40);
    expect(starts(scanner, Buffer.from('gf'))).toEqual([]);
    expect(starts(scanner, Buffer.alloc(0))).toEqual([]);
  });

  it('has room for the longest piece, whatever is in it', () => {
    const bytes = Buffer.alloc(LONGEST_SCAN, 'gfp');
    expect(starts(scanner, bytes)).toHaveLength(LONGEST_SCAN / 3);
    expect(scanner.scan(Buffer.alloc(LONGEST_SCAN, 'Dfpppp'))).toBeLessThanOrEqual(scanner.places.length);
  });
});
