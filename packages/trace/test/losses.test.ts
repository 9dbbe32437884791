import { describe, expect, test } from 'vitest';
import { checkTrace, type TraceReport, writeEvents } from '../src/index.ts';
import { fixture, fixtureText, line, textSource, vocabularies } from './recordings.ts';

const check = (text: string): Promise<TraceReport> => checkTrace(textSource(text), { vocabularies });
const recording = fixtureText('6.1-ext4-dax-read-hole');

describe('what is missing from a recording is said', () => {
  test('lines that the head promises and the file lacks', async () => {
    expect((await check(recording)).recording.unreadable.count).toBe(0);
    const lines = recording.split('\n');
    const without = [...lines.slice(0, 40), ...lines.slice(45)].join('\n');
    expect((await check(without)).recording.unreadable).toMatchObject({ count: 1 });
  });

  test('lines that are zero bytes, with their ends', async () => {
    const bytes = Buffer.from(recording.replace(/^# entries.*\n/m, ''), 'latin1');
    const whole = await checkTrace([bytes], { vocabularies });
    bytes.fill(0, 9000, 9500);
    const report = await checkTrace([bytes], { vocabularies });
    expect(report.recording.records).toBeLessThan(whole.recording.records);
    expect(report.recording.unreadable.count).toBe(1);
  });
});

describe('a line of an event file', () => {
  const header = '{"schema":"faultpath/events/1"}\n';
  const lock = {
    type: 'lock',
    task: 'a-1',
    action: 'acquired',
    lock: 'L',
    instance: '1',
    mode: 'shared',
    kind: 'rwsem',
  };
  const mask = { how: 'recorded', text: 'GFP_KERNEL' };
  const alloc = { type: 'alloc', task: 'a-1', site: 'f', requested: mask, effective: mask };
  const unreadable = async (event: object): Promise<number> =>
    (await check(`${header}${JSON.stringify(lock)}\n${JSON.stringify(event)}\n`)).recording.unreadable.count;

  test.each([lock, alloc, { ...lock, unknown: 1 }, { ...alloc, order: 0 }])('%j is an event', async (event) => {
    expect(await unreadable(event)).toBe(0);
  });

  test.each([
    { ...lock, action: 'grabbed' },
    { ...lock, mode: undefined },
    { ...lock, subclass: -1 },
    { ...alloc, effective: undefined },
    { ...alloc, effective: { how: 'guessed' } },
    { ...alloc, backtrace: 'f' },
    { ...alloc, where: null },
    { type: 'constructor', task: 'a-1' },
  ])('%j is none, and is reported', async (event) => {
    expect(await unreadable(event)).toBe(1);
  });

  test('is what convert writes', async () => {
    let text = '';
    await writeEvents(fixture('lockdep-6.1-xfs-dax-write-hole'), { vocabularies }, (piece) => {
      text += piece;
    });
    expect((await check(text)).recording.unreadable.count).toBe(0);
  });
});

describe('the release of the recorded kernel', () => {
  const event = line('1.0', 'sys_enter: NR 1');

  test.each(['# kernel 6.12.5-amd64\n', '# os release : 6.12.5-amd64\n'])('is the one that %j names', async (head) => {
    expect((await check(head + event)).recording.kernel.release).toBe('6.12.5-amd64');
  });

  test('is guessed where the name is of none that is known', async () => {
    expect((await check(`# kernel 99.1\n${event}`)).recording.kernel.release).toBe('6.1');
  });

  test('is told by the events of 7.2', async () => {
    expect((await check(fixtureText('7.2-ext4-dax-write-hole'))).recording.kernel.release).toBe('7.2');
  });
});

describe('a file of our own events', () => {
  const convert = async (source: string | Uint8Array[]): Promise<string> => {
    let text = '';
    await writeEvents(source, { vocabularies }, (piece) => {
      text += piece;
    });
    return text;
  };
  const names = ['5.10-ext4-dax-read-hole', '7.2-ext4-dax-write-hole', 'lockdep-6.1-xfs-nodax-freeze'];

  test.each(names)('%s: comes back event for event, with its release', async (name) => {
    const text = await convert(fixture(name));
    const again = await convert(textSource(text));
    const events = (file: string): readonly string[] => file.split('\n').slice(1, -2);
    expect(events(again)).toEqual(events(text));
    const { recording } = await checkTrace(fixture(name), { vocabularies });
    expect((await check(text)).recording.kernel.release).toBe(recording.kernel.release);
  });

  test('is cut off where its end is missing, also between two lines', async () => {
    const text = await convert(fixture(names[0] as string));
    const lines = text.split('\n');
    await expect(check(`${lines.slice(0, 20).join('\n')}\n`)).rejects.toMatchObject({ code: 'TRACE_TRUNCATED' });
    const gap = [...lines.slice(0, 20), ...lines.slice(25)].join('\n');
    expect((await check(gap)).recording.unreadable.count).toBe(1);
  });
});

describe('two lines of a text in one', () => {
  test('are reported, and the first is read', async () => {
    const first = line('1.000001', 'sys_enter: NR 1');
    const second = line('2.000001', 'sys_exit: NR 1 = 0');
    const merged = await check(`${first.replace('\n', '?')}${second}${second}`);
    expect(merged.recording).toMatchObject({ records: 2, unreadable: { count: 1 } });
    expect((await check(first + second)).recording.unreadable.count).toBe(0);
  });
});

describe('what bpftrace could not keep', () => {
  const kept =
    '            sh-12      [000] ..... 1.000001: mm_page_alloc: page=0x0 pfn=0x1 order=0 migratetype=1 gfp_flags=0xcc0\n';

  test('is counted as lost, and nothing is known to be held any more', async () => {
    const { recording } = await check(`# kernel 6.1.0\n${kept}Lost 15868 events\n${kept}`);
    expect([recording.lostEvents, recording.unreadable.count]).toEqual([15868, 0]);
  });

  test('in other words is no such line', async () => {
    const { recording } = await check(`# kernel 6.1.0\n${kept}Lost many events\n${kept}`);
    expect([recording.lostEvents, recording.unreadable.count]).toEqual([0, 1]);
  });
});
