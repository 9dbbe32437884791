import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TraceDatError } from '../../src/dat/index.ts';
import { collect, fixture, withFile } from './collect.ts';

const sources = [
  readFileSync(fixture('xfs-dax-write-hole.v7zstd.dat')),
  gunzipSync(readFileSync(fixture('xfs-dax-write-hole.v6.dat.gz'))),
  gunzipSync(readFileSync(fixture('ext4-dax-read-hole.v7none.dat.gz'))),
];

const whole = [854, 854, 572];

const mutation = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.double({ min: 0, max: 1, noNaN: true }), bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('set' as const), at: fc.double({ min: 0, max: 1, noNaN: true }), value: fc.nat(255) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({
    kind: fc.constant('splice' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(300),
  }),
);

type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function apply(bytes: Uint8Array, change: Mutation): Uint8Array {
  const at = Math.min(bytes.length - 1, Math.floor(change.at * bytes.length));
  if (change.kind === 'cut') return bytes.subarray(0, at);
  const copy = Uint8Array.from(bytes);
  if (change.kind === 'flip') copy[at] = (copy[at] ?? 0) ^ (1 << change.bit);
  else if (change.kind === 'set') copy[at] = change.value;
  else {
    const from = Math.floor(change.from * bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, from + change.length), bytes.subarray(at)]);
  }
  return copy;
}

describe('damaged files', () => {
  it('end with an error that has a code, or with a report of what is missing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(sources.length - 1),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        async (which, changes) => {
          let bytes: Uint8Array = sources[which] as Buffer;
          for (const change of changes) {
            if (bytes.length > 0) bytes = apply(bytes, change);
          }
          try {
            const { lines, summary, unreadable } = await withFile(bytes, (path) => collect(path));
            expect(summary.unreadable).toBe(unreadable.length);
            for (const piece of unreadable) expect(piece.reason).not.toBe('');
            // Fewer events than were written, and nothing said about it: that would be a silent loss.
            if (lines.length < (whole[which] as number)) expect(unreadable.length).toBeGreaterThan(0);
          } catch (error) {
            if (!(error instanceof TraceDatError)) throw error;
            expect(error.code).toMatch(/^TRACE_DAT_/);
            expect(error.offset).toBeGreaterThanOrEqual(0);
          }
        },
      ),
      { numRuns: 300, seed: 20260101 },
    );
  });
});
