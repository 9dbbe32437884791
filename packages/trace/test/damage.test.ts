import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkTrace, TraceError } from '../src/index.ts';
import { TextScanner } from '../src/text/scan-text.ts';
import { fixtureText, vocabularies } from './recordings.ts';

const recordings = [
  '6.1-ext4-dax-write-hole',
  'lockdep-6.1-xfs-dax-write-hole',
  'xfs-dax-write-hole.report',
  '7.2-ext4-dax-write-hole',
].map((name) => Buffer.from(fixtureText(name), 'latin1'));

type Damage =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'drop'; readonly at: number; readonly size: number }
  | {
      readonly kind: 'splice';
      readonly at: number;
      readonly from: number;
      readonly other: number;
      readonly size: number;
    }
  | { readonly kind: 'noise'; readonly at: number; readonly bytes: Uint8Array };

const place = fc.double({ min: 0, max: 1, noNaN: true });

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: place }),
  fc.record({ kind: fc.constant('drop' as const), at: place, size: fc.integer({ min: 1, max: 5000 }) }),
  fc.record({
    kind: fc.constant('splice' as const),
    at: place,
    from: place,
    other: fc.nat(recordings.length - 1),
    size: fc.integer({ min: 1, max: 20_000 }),
  }),
  fc.record({ kind: fc.constant('noise' as const), at: place, bytes: fc.uint8Array({ minLength: 1, maxLength: 200 }) }),
);

function spoil(bytes: Buffer, how: Damage): Buffer {
  const at = Math.floor(how.at * bytes.length);
  switch (how.kind) {
    case 'flip': {
      const copy = Buffer.from(bytes);
      if (copy.length > 0) copy[Math.min(at, copy.length - 1)]! ^= 1 << how.bit;
      return copy;
    }
    case 'cut':
      return bytes.subarray(0, at);
    case 'drop':
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + how.size)]);
    case 'splice': {
      const other = recordings[how.other] as Buffer;
      const from = Math.floor(how.from * other.length);
      return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + how.size), bytes.subarray(at)]);
    }
    case 'noise':
      return Buffer.concat([bytes.subarray(0, at), how.bytes, bytes.subarray(at)]);
  }
}

const damaged = fc
  .tuple(fc.nat(recordings.length - 1), fc.array(damage, { minLength: 1, maxLength: 6 }))
  .map(([which, how]) => how.reduce(spoil, recordings[which] as Buffer));

const CODES = ['TRACE_EMPTY', 'TRACE_NOT_A_TRACE', 'TRACE_TRUNCATED'];

describe('damaged recordings', () => {
  test('end with a report or with one of our errors', async () => {
    await fc.assert(
      fc.asyncProperty(damaged, fc.boolean(), async (bytes, allowTruncated) => {
        try {
          const report = await checkTrace([bytes], { vocabularies, allowTruncated });
          expect(report.recording.records).toBeGreaterThan(0);
          expect(report.recording.unreadable.first.length).toBe(Math.min(20, report.recording.unreadable.count));
        } catch (error) {
          if (!(error instanceof TraceError)) throw error;
          expect(CODES).toContain(error.code);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('lose no line silently: each is a record, a header, part of a backtrace, or reported', () => {
    fc.assert(
      fc.property(damaged, (bytes) => {
        let records = 0;
        let unreadable = 0;
        let stackLines = 0;
        let stacks = 0;
        const scanner = new TextScanner({
          record(record) {
            records += 1;
            if (record.name === 'kernel_stack') {
              stacks += 1;
              stackLines += record.stack?.length ?? 0;
            }
          },
          lost: () => undefined,
          unreadable: () => {
            unreadable += 1;
          },
        });
        scanner.feed(bytes);
        scanner.end();
        const text = bytes.toString('latin1');
        const lines = text.split('\n').filter((each, at, all) => at < all.length - 1 || each !== '');
        expect(scanner.counts.lines).toBe(lines.length);
        const plain = lines.filter((each) => /^\s*(#|$|cpus=|CPU)/.test(each)).length;
        // A backtrace is one header line and its entries; entries may be empty when they were damaged.
        const known = records + unreadable + stackLines + plain;
        const slack = lines.filter((each) => /^\s*=> |<(user )?stack trace>/.test(each)).length;
        expect(known + slack).toBeGreaterThanOrEqual(lines.length);
        expect(stacks).toBeLessThanOrEqual(slack + lines.length);
      }),
      { numRuns: 300 },
    );
  });
});
