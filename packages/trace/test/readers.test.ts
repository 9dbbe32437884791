import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { RawRecord, UnreadablePiece } from '../src/index.ts';
import { readFaults, readTrace, TraceError } from '../src/index.ts';
import { MAX_LINE, TextScanner } from '../src/text/scan-text.ts';
import { fixtureText, line, textSource, vocabularies } from './recordings.ts';

interface Seen {
  comm: string;
  pid: number;
  cpu: number;
  flags: string;
  timestamp: string;
  name: string;
  text: string;
  stack?: readonly string[];
}

function scan(text: string, step = text.length): { records: Seen[]; lost: object[]; unreadable: UnreadablePiece[] } {
  const records: Seen[] = [];
  const lost: object[] = [];
  const unreadable: UnreadablePiece[] = [];
  const scanner = new TextScanner({
    record({ comm, pid, cpu, flags, timestamp, name, ...rest }: RawRecord) {
      void rest;
      records.push({ comm, pid, cpu, flags, timestamp, name, text: '' });
    },
    lost: (where) => lost.push(where),
    unreadable: (piece) => unreadable.push(piece),
  });
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length; at += Math.max(1, step)) scanner.feed(bytes.subarray(at, at + Math.max(1, step)));
  scanner.end();
  return { records, lost, unreadable };
}

const base = { pid: 392, cpu: 1, timestamp: '371.001637', name: 'mutex_lock' };

describe('forms of a line', () => {
  const rest = 'mutex_lock: (mutex_lock+0x0/0x30) lock=0xffff caller=f+0x1/0x2\n';
  test.each([
    ['tracefs', `          faults-392     [001] d..1.   371.001637: ${rest}`, { comm: 'faults', flags: 'd..1.' }],
    [
      'older latency columns',
      `          faults-392     [001] ....   371.001637: ${rest}`,
      { comm: 'faults', flags: '....' },
    ],
    [
      'with tgid',
      `          faults-392     (    392) [001] .....   371.001637: ${rest}`,
      { comm: 'faults', flags: '.....' },
    ],
    ['with unknown tgid', `          faults-392     (-------) [001] .....   371.001637: ${rest}`, { comm: 'faults' }],
    ['trace-cmd report', `          faults-392   [001]   371.001637: ${rest}`, { comm: 'faults', flags: '' }],
    ['trace-cmd report -l', `  faults-392     1d....   371.001637: ${rest}`, { comm: 'faults', flags: 'd....' }],
    [
      'trace-cmd 3 with flags',
      `          faults-392   [001] d..1.   371.001637: ${rest}`,
      { comm: 'faults', flags: 'd..1.' },
    ],
    ['missing comm', `           <...>-392     [001] .....   371.001637: ${rest}`, { comm: '<...>' }],
    ['comm with spaces', `      my web app-392     [001] .....   371.001637: ${rest}`, { comm: 'my web app' }],
    ['comm with brackets', ` kworker/1:2 [x]-392     [001] .....   371.001637: ${rest}`, { comm: 'kworker/1:2 [x]' }],
    ['comm with dashes', `     a-1 [000] b-392     [001] .....   371.001637: ${rest}`, { comm: 'a-1 [000] b' }],
    ['comm with a colon', `           a: b:-392     [001] .....   371.001637: ${rest}`, { comm: 'a: b:' }],
    ['perf script', `faults   392 [001]   371.001637: fp:mutex_lock: (ffffffff81) lock=0xffff\n`, { comm: 'faults' }],
    [
      'perf script with tid',
      `faults   100/392 [001]   371.001637:   fp:mutex_lock: (ffffffff81) lock=0xffff\n`,
      {
        comm: 'faults',
      },
    ],
  ])('%s', (_form, text, expected) => {
    const { records, unreadable } = scan(text);
    expect(unreadable).toEqual([]);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ ...base, ...expected });
  });

  test('a clock that counts', () => {
    const { records } = scan(`          faults-392     [001] .....   371001: ${rest}`);
    expect(records[0]).toMatchObject({ timestamp: '371001', name: 'mutex_lock' });
  });

  test('function_graph with its task', () => {
    const text = [
      ' 0)  faults-392   |               |  handle_mm_fault() {\n',
      ' 0)  faults-392   |               |  /* mm_page_alloc: page=1 pfn=0x2 order=0 migratetype=0 gfp_flags=GFP_NOFS */\n',
      ' 0)  faults-392   |   1.234 us    |  }\n',
    ].join('');
    const { records, unreadable } = scan(text);
    expect(unreadable).toEqual([]);
    expect(records.map(({ name, pid }) => [name, pid])).toEqual([
      ['function', 392],
      ['mm_page_alloc', 392],
      ['function', 392],
    ]);
  });

  test('function_graph without a task is not guessed', () => {
    const { records, unreadable } = scan(' 0)               |  /* mm_page_alloc: page=1 */\n');
    expect(records).toEqual([]);
    expect(unreadable).toHaveLength(1);
  });

  test.each([
    ['CPU:1 [LOST 17 EVENTS]\n', { cpu: 1, count: 17 }],
    ['CPU:0 [EVENTS DROPPED]\n', { cpu: 0 }],
    ['CPU:3 [5 EVENTS DROPPED]\n', { cpu: 3, count: 5 }],
  ])('lost events: %s', (text, expected) => {
    const { lost, unreadable } = scan(text);
    expect(lost).toEqual([{ ...expected, line: 1 }]);
    expect(unreadable).toEqual([]);
  });

  test('chunks may be cut anywhere', () => {
    const text = fixtureText('6.1-ext4-dax-write-hole');
    const whole = scan(text);
    expect(whole.records.length).toBe(532);
    for (const step of [1, 7, 100, 4096]) expect(scan(text, step)).toEqual(whole);
  });

  test('backtraces come as a record of their own', () => {
    const text = fixtureText('lockdep-6.1-ext4-dax-write-hole');
    const { records, unreadable } = scan(text);
    expect(unreadable).toEqual([]);
    expect(records.filter(({ name }) => name === 'kernel_stack').length).toBeGreaterThan(5);
  });
});

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TraceError) return error.code;
    throw error;
  }
  return 'none';
}

describe('files that are no recordings', () => {
  const read = (text: string | Uint8Array, allowTruncated = false): Promise<unknown> =>
    readFaults([typeof text === 'string' ? Buffer.from(text) : text], { vocabularies, allowTruncated });
  const good = fixtureText('6.1-ext4-dax-write-hole');

  test.each([
    ['empty', '', 'TRACE_EMPTY'],
    ['a header only', '# tracer: nop\n#\n', 'TRACE_EMPTY'],
    ['prose', 'Dear kernel,\nplease fault.\n', 'TRACE_NOT_A_TRACE'],
    ['zeroes', '\0\0\0\0\0\0', 'TRACE_NOT_A_TRACE'],
    ['perf.data', 'PERFILE2xxxxxxxxxxxxxx', 'TRACE_NOT_A_TRACE'],
    ['cut in a line', good.slice(0, -30), 'TRACE_TRUNCATED'],
    ['a later format', '{"schema":"faultpath/events/99"}\n', 'TRACE_NOT_A_TRACE'],
  ])('%s', async (_what, text, code) => {
    expect(await codeOf(read(text))).toBe(code);
  });

  test('a cut gzip stream', async () => {
    const packed = gzipSync(good);
    expect(await codeOf(read(packed.subarray(0, packed.length / 2)))).toBe('TRACE_TRUNCATED');
  });

  test('a missing file', async () => {
    expect(await codeOf(readFaults('no/such/file', { vocabularies }))).toBe('TRACE_UNREADABLE_FILE');
  });

  test('a cut recording is read when it is allowed', async () => {
    expect(await codeOf(read(good.slice(0, -30), true))).toBe('none');
  });

  test('one vocabulary twice', async () => {
    const twice = [...vocabularies, ...vocabularies];
    expect(await codeOf(readFaults(textSource(good), { vocabularies: twice }))).toBe('TRACE_BAD_OPTION');
  });

  test('unreadable lines are counted and placed', async () => {
    const lines = good.split('\n');
    lines.splice(100, 0, 'what is this?');
    lines.splice(200, 0, `x${'y'.repeat(MAX_LINE + 10)}`);
    const report = await readFaults(textSource(lines.join('\n')), { vocabularies });
    expect(report.recording.unreadable.count).toBe(2);
    expect(report.recording.unreadable.first.map((piece) => piece.line)).toEqual([101, 201]);
    expect(report.faults).toHaveLength(1);
  });
});

test('lost events end what is held, and say so', async () => {
  const types: string[] = [];
  const text =
    line('1.000001', 'down_write: (down_write+0x0/0x1) sem=0x1 caller=ext4_map_blocks+0x1/0x2') +
    'CPU:0 [LOST 3 EVENTS]\n' +
    line('1.000002', 'up_write: (up_write+0x0/0x1) sem=0x1 caller=ext4_map_blocks+0x1/0x2');
  const summary = await readTrace(textSource(text), { vocabularies }, { event: (event) => types.push(event.type) });
  expect(types).toEqual(['lock', 'lost']);
  expect(summary.counts).toMatchObject({ lost: 3, unmatchedReleases: 1 });
});

test('what a full buffer overwrote counts as lost', () => {
  const { lost } = scan('# tracer: nop\n#\n# entries-in-buffer/entries-written: 400/485   #P:2\n');
  expect(lost).toEqual([{ line: 3, count: 85 }]);
  expect(scan('# entries-in-buffer/entries-written: 485/485   #P:2\n').lost).toEqual([]);
});

test('perf script prints backtraces without a header', () => {
  const text = [
    'faults   392 [001]   371.001637: kmem:mm_page_alloc: page=0x1 order=0 gfp_flags=GFP_NOFS\n',
    '\tffffffff812f0000 __alloc_pages+0x1f4 ([kernel.kallsyms])\n',
    '\tffffffff812f0001 pte_alloc_one+0x14 ([kernel.kallsyms])\n',
    '\n',
  ].join('');
  const { records, unreadable } = scan(text);
  expect(unreadable).toEqual([]);
  expect(records.map(({ name }) => name)).toEqual(['mm_page_alloc', 'kernel_stack']);
});
