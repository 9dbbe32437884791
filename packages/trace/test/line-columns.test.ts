import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SourceRecord } from '../src/record.ts';
import { BytePattern, beforeSpace } from '../src/text/byte-pattern.ts';
import { TextScanner } from '../src/text/scan-text.ts';
import { fieldName } from '../src/word.ts';
import { fixtureText, line } from './recordings.ts';

const FIELDS = ['sem', 'lock', 'caller', 'gfp_flags', 'order', 'dev', 'ino', 'flags', 'ret', 'x'].map(fieldName);

/** All that a scanner says of a text: records with their fields, and what it could not read. */
function said(text: string): string[] {
  const all: string[] = [];
  const scanner = new TextScanner({
    record: (raw) => {
      const record = raw as SourceRecord;
      const { comm, pid, cpu, flags, timestamp, name } = record;
      const fields = FIELDS.map((field) => record.word(field)?.text);
      all.push(JSON.stringify([comm, pid, cpu, flags, timestamp, name, record.format(), ...fields]));
    },
    lost: (where) => all.push(JSON.stringify([where.cpu, where.count])),
    unreadable: ({ reason }) => all.push(reason),
  });
  scanner.feed(Buffer.from(text, 'latin1'));
  scanner.end();
  return all;
}

/** Each line by a scanner that has seen no other line, so that nothing is known from the line before. */
const saidOfEach = (lines: readonly string[]): string[] => lines.flatMap((line) => said(`${line}\n`));

const events = (name: string): string[] =>
  fixtureText(name)
    .split('\n')
    .filter((line) => /\[\d+\]/.test(line) && !/stack trace/.test(line));

const recordings = ['6.1-xfs-dax-write-hole', 'xfs-dax-write-hole.report', '7.2-ext4-dax-write-hole'].map(events);

describe('lines that are read in the columns of the line before', () => {
  test.each(recordings.map((lines) => [lines] as const))('say what each says alone', (lines) => {
    expect(lines.length).toBeGreaterThan(50);
    expect(said(`${lines.join('\n')}\n`)).toEqual(saidOfEach(lines));
  });

  test('say so when tasks, columns and bytes change', () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    const change = fc.record({ at: part, column: part, code: fc.integer({ min: 32, max: 126 }), other: fc.boolean() });
    fc.assert(
      fc.property(fc.nat(2), part, fc.array(change, { minLength: 1, maxLength: 20 }), (which, from, changes) => {
        const all = recordings[which] as string[];
        const start = Math.floor(from * all.length);
        const lines = all.slice(start, start + 60);
        for (const { at, column, code, other } of changes) {
          const index = Math.floor(at * lines.length);
          const line = lines[index] as string;
          const where = Math.floor(column * line.length);
          const foreign = (recordings[(which + 1) % 3] as string[])[index] as string;
          lines[index] = other
            ? foreign
            : `${line.slice(0, where)}${String.fromCharCode(code)}${line.slice(where + 1)}`;
        }
        expect(said(`${lines.join('\n')}\n`)).toEqual(saidOfEach(lines));
      }),
      { numRuns: 100 },
    );
  });
});

test.each([
  ['order=0 ', 0],
  ['order=07', 7],
  ['order=0x1f flags', 31],
  ['order=0x', undefined],
  ['order=', undefined],
  ['order=1x', undefined],
  ['order=0xG', undefined],
  ['order=-3', -3],
  ['order=12, then', 12],
  ['order=123456789012', 123456789012],
  ['order=0xff19a924c2658070', undefined],
])('the number of %s is what its text says', (body, value) => {
  const found: (number | undefined)[] = [];
  const scanner = new TextScanner({
    record: (raw) => found.push((raw as SourceRecord).number(fieldName('order'))),
    lost: () => undefined,
    unreadable: () => undefined,
  });
  scanner.feed(
    Buffer.from(`${line('1.000001', `mm_page_alloc: ${body}`)}${line('1.000002', `mm_page_alloc: ${body}`)}`),
  );
  scanner.end();
  const number = Number(/order=([^ ,]*)/.exec(body)?.[1] || Number.NaN);
  expect(found).toEqual([value, value]);
  expect(value ?? 0).toBe(Number.isSafeInteger(number) ? number : 0);
});

describe('bytes four at a time', () => {
  test('a space is found where the first one is', () => {
    const bytes = fc.array(fc.constantFrom(0, 31, 32, 33, 0x60, 0xa0, 0xff), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(bytes, (four) => {
        const first = four.indexOf(32);
        expect(beforeSpace(Buffer.from(four).readInt32LE())).toBe(first === -1 ? 4 : first);
      }),
      { numRuns: 2401 },
    );
  });

  test('a pattern stands where its text stands, and nowhere else', () => {
    const text = 'sem=gfp_flags=sem_flags=sem';
    const bytes = Buffer.from(text);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (const pattern of ['s', 'sem', 'sem=', 'flags=', 'gfp_flags=', 'sem_flags=sem']) {
      const found = [...text].flatMap((_, at) =>
        new BytePattern(pattern).standsAt(view, at, bytes.length) ? [at] : [],
      );
      expect(found).toEqual([...text].flatMap((_, at) => (text.startsWith(pattern, at) ? [at] : [])));
      expect(found.length).toBeGreaterThan(0);
    }
    expect(new BytePattern('sem').standsAt(view, 0, 2)).toBe(false);
  });
});
