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
