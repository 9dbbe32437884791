import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { circular, type Rule, rules } from '@faultpath/lockdep';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CheckOptions, checkTrace, TraceError } from '../src/index.ts';
import { fixture as datFixture, withFile } from './dat/collect.ts';
import { fixtureText, line, textSource, vocabularies } from './recordings.ts';

const lockOrders = { xfs: ['IOLOCK', 'MMAPLOCK', 'xfs_trans', 'ILOCK'], ext4: ['invalidate_lock', 'i_data_sem'] };

const manyFaults = readFileSync(datFixture('many-faults-start.v7zstd.dat'));
const manyFaultsText = gunzipSync(readFileSync(datFixture('many-faults-start.v7zstd.report.txt.gz'))).toString(
  'latin1',
);

/** What came of a recording: its report without the file's name, or the code of the error that ended it. */
async function answer(source: Parameters<typeof checkTrace>[0], options: Partial<CheckOptions>): Promise<unknown> {
  try {
    return await checkTrace(source, { vocabularies, lockOrders, file: 'recording', allowTruncated: true, ...options });
  } catch (error) {
    if (error instanceof TraceError) return error.code;
    throw error;
  }
}

async function holdAgainstEachOther(
  source: Parameters<typeof checkTrace>[0],
  options: Partial<CheckOptions> = {},
): Promise<void> {
  const anew = await answer(source, { ...options, fromMemory: false });
  expect(await answer(source, options)).toEqual(anew);
}

/** Counts the events that it is given. */
function counting(watched: boolean): { readonly rule: Rule; count: number } {
  const counter = {
    count: 0,
    rule: {
      ...circular,
      id: 'test/counting',
      watched: watched || undefined,
      start: () => ({
        onEvent: () => {
          counter.count += 1;
        },
        finish: () => [],
      }),
    } as Rule,
  };
  return counter;
}

/** A recording in which the same happens again and again. */
const repeated = (text: string, times: number): string => text.replace(/\n?$/, '\n').repeat(times);

describe('runs from memory', () => {
  test('spare a judge what is no news to it', async () => {
    const judged = async (watched: boolean, options: Partial<CheckOptions> = {}): Promise<number> => {
      const counter = counting(watched);
      await answer(textSource(manyFaultsText), { rules: [...rules, counter.rule], maxFaults: 0, ...options });
      return counter.count;
    };
    const all = await judged(true, { fromMemory: false });
    expect(await judged(true)).toBeLessThan(all / 2);
    // A rule that tells nobody of its news gets every event.
    expect(await judged(false)).toBe(all);
  });

  test.each([
    '5.10-ext4-dax-read-hole',
    '6.1-ext4-dax-read-hole',
    '6.1-ext4-dax-sync-write-hole',
    '6.1-ext4-page-write-hole',
    '6.1-xfs-dax-write-hole',
    '7.2-ext4-dax-write-hole',
    'lockdep-6.1-ext4-dax-write-hole',
    'lockdep-6.1-xfs-nodax-freeze',
    'xfs-dax-write-hole.report',
  ])('give the report of %s, many times over', async (name) => {
    const source = textSource(repeated(fixtureText(name), 5));
    for (const maxFaults of [0, 2, 1000]) await holdAgainstEachOther(source, { maxFaults });
    await holdAgainstEachOther(source, { maxFaults: 0, anonymous: true });
  });

  test.each([0, 5, 1000])('give the report of many faults with %d of them listed', async (maxFaults) => {
    await holdAgainstEachOther(datFixture('many-faults-start.v7zstd.dat'), { maxFaults });
    await holdAgainstEachOther(textSource(manyFaultsText), { maxFaults });
  });
});

describe('an allocation whose task then sleeps', () => {
  const alloc = (time: number) =>
    line(`1.${time}`, 'mm_page_alloc: page=0x1 pfn=0x1 order=0 migratetype=0 gfp_flags=GFP_KERNEL', 'a-5');
  const slab = (time: number) =>
    line(
      `1.${time}`,
      'kmem_cache_alloc: call_site=f+0x1/0x2 ptr=0x1 bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL',
      'a-5',
    );
  const others = (count: number): string =>
    Array.from({ length: count }, (_, at) => line(`2.${at}`, `sys_enter: NR ${at}`, `b-${7 + (at % 3)}`)).join('');

  test.each([10, 5000, 20_000])('for %d records of other tasks', async (count) => {
    const text = (alloc(1) + others(count) + slab(2) + alloc(3) + slab(4) + slab(5) + slab(6) + slab(7)).repeat(4);
    await holdAgainstEachOther(textSource(text), { maxFaults: 0 });
  });
});

const part = fc.double({ min: 0, max: 1, noNaN: true });

/** Changes to the lines of a recording; events move into other tasks, out of their order, and away. */
const change = fc.record({
  kind: fc.constantFrom('drop', 'double', 'swap', 'flip', 'digit', 'lost', 'task'),
  at: part,
  to: part,
  size: fc.integer({ min: 1, max: 40 }),
});

function changed(
  lines: string[],
  { kind, at, to, size }: { kind: string; at: number; to: number; size: number },
): void {
  const from = Math.floor(at * lines.length);
  const line = lines[from] ?? '';
  switch (kind) {
    case 'drop':
      lines.splice(from, size);
      break;
    case 'double':
      lines.splice(from, 0, ...lines.slice(from, from + size));
      break;
    case 'swap':
      lines.splice(Math.floor(to * lines.length), 0, ...lines.splice(from, size));
      break;
    case 'flip': {
      const column = Math.floor(to * line.length);
      lines[from] =
        `${line.slice(0, column)}${String.fromCharCode(line.charCodeAt(column) ^ 1)}${line.slice(column + 1)}`;
      break;
    }
    case 'digit':
      lines[from] = line.replace(/[0-9a-f](?=\D*$)/, () => Math.floor(to * 16).toString(16));
      break;
    case 'task':
      for (let index = from; index < Math.min(lines.length, from + size); index += 1) {
        lines[index] = (lines[index] as string).replace(/-\d+ +\[/, (text) =>
          `-${Math.floor(to * 5) + 1}`.padEnd(text.length - 1).concat('['),
        );
      }
      break;
    default:
      lines.splice(from, 0, 'CPU:0 [LOST 12 EVENTS]');
  }
}

const recordings = [
  repeated(fixtureText('6.1-xfs-dax-write-hole'), 6),
  repeated(fixtureText('7.2-ext4-dax-write-hole'), 6),
  repeated(fixtureText('6.1-ext4-dax-sync-write-hole'), 6),
  manyFaultsText,
].map((text) => text.split('\n'));

describe('runs from memory of changed recordings', () => {
  test('text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(recordings.length - 1),
        fc.array(change, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(0, 3, 1000),
        async (which, changes, maxFaults) => {
          const lines = [...(recordings[which] as string[])];
          for (const one of changes) changed(lines, one);
          await holdAgainstEachOther(textSource(lines.join('\n')), { maxFaults });
        },
      ),
      { numRuns: 60 },
    );
  });

  test('trace.dat', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: part, value: fc.nat(255) }), { minLength: 1, maxLength: 3 }),
        fc.constantFrom(0, 1000),
        async (bytes, maxFaults) => {
          const copy = Uint8Array.from(manyFaults);
          for (const { at, value } of bytes) copy[Math.floor(at * (copy.length - 1))] = value;
          await withFile(copy, (path) => holdAgainstEachOther(path, { maxFaults }));
        },
      ),
      { numRuns: 30 },
    );
  });
});
