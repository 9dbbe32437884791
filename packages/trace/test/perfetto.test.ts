import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { writePerfetto } from '../src/index.ts';
import { type ChromeEvent, chromeFaults } from './chrome-trace.ts';
import { line, textSource, vocabularies } from './recordings.ts';

const folder = fileURLToPath(new URL('./fixtures/', import.meta.url));
const files = [folder, `${folder}dat/`].flatMap((each) =>
  readdirSync(each, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(txt|dat)(\.gz)?$/.test(entry.name) && !entry.name.includes('.flags.'))
    .map(({ name }) => `${each}${name}`),
);

interface Document {
  readonly displayTimeUnit: string;
  readonly traceEvents: readonly ChromeEvent[];
}

async function timeline(source: Parameters<typeof writePerfetto>[0]): Promise<readonly ChromeEvent[]> {
  const pieces: string[] = [];
  const options = { vocabularies, allowTruncated: true };
  await writePerfetto(source, options, (piece) => {
    pieces.push(piece);
  });
  const document = JSON.parse(pieces.join('')) as Document;
  expect(['ms', 'ns']).toContain(document.displayTimeUnit);
  return document.traceEvents;
}

const waking = (time: string, by: string, pid: number): string =>
  line(time, `sched_waking: comm=x pid=${pid} prio=120 target_cpu=000`, by);
const switching = (time: string, from: string, to: number): string =>
  line(
    time,
    `sched_switch: prev_comm=y prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=x next_pid=${to} next_prio=120`,
    from,
  );
const fault = (time: string, task: string): string =>
  line(time, 'page_fault_user: address=0x7f00 ip=0x1 error_code=0x4', task);

describe('a timeline, held against the description of the trace format', () => {
  test('there are recordings of every form', () => {
    expect(files.length).toBeGreaterThan(15);
  });

  test.each(files.map((file) => [file.slice(folder.length), file]))(
    '%s: has nothing that is wrong',
    async (_, file) => {
      const events = await timeline(file);
      expect(chromeFaults(events)).toEqual([]);
      expect(events.length).toBeGreaterThan(0);
    },
  );

  test('everything at one time, time that goes back, lost events, and an end in the middle still nest', async () => {
    const same =
      fault('1.0', 'a-5') +
      waking('1.0', 'a-5', 7) +
      switching('1.0', 'a-5', 7) +
      line('1.0', 'sys_enter: NR 1', 'a-5');
    const back =
      fault('2.0', 'a-5') +
      waking('0.5', 'a-5', 7) +
      switching('0.4', 'a-5', 7) +
      line('0.3', 'sys_enter: NR 1', 'a-5');
    const lost = `${fault('3.0', 'a-5')}CPU:0 [LOST 3 EVENTS]\n${fault('3.1', 'a-5')}`;
    for (const text of [same, back, same + lost, fault('1.0', 'a-5')]) {
      expect(chromeFaults(await timeline(textSource(text)))).toEqual([]);
    }
  });

  test('a wake-up that never arrives has no arrow, one that does has two ends', async () => {
    const arrows = async (text: string) =>
      (await timeline(textSource(fault('1.0', 'a-5') + text))).filter(({ ph }) => ph === 's' || ph === 'f').length;
    expect(await arrows(waking('1.1', 'a-5', 7))).toBe(0);
    expect(await arrows(waking('1.1', 'a-5', 7) + switching('1.2', 'b-6', 7))).toBe(2);
  });
});

describe('the check of the format', () => {
  const at = { pid: 1, tid: 1 };
  test.each([
    [[{ ph: 'B', name: 'x', ts: 1, ...at }]],
    [[{ ph: 'E', ts: 1, ...at }]],
    [
      [
        { ph: 'B', name: 'x', ts: 2, ...at },
        { ph: 'E', ts: 1, ...at },
      ],
    ],
    [[{ ph: 'X', name: 'x', ts: 1, ...at }]],
    [
      [
        { ph: 'X', name: 'x', ts: 1, dur: 2, ...at },
        { ph: 'X', name: 'y', ts: 2, dur: 2, ...at },
      ],
    ],
    [[{ ph: 'b', name: 'x', cat: 'c', id: 1, ts: 1, ...at }]],
    [[{ ph: 's', name: 'x', cat: 'c', id: 1, ts: 1, ...at }]],
    [
      [
        { ph: 's', name: 'x', cat: 'c', id: 1, ts: 1, ...at },
        { ph: 'f', bp: 'e', name: 'x', cat: 'c', id: 1, ts: 2, ...at },
      ],
    ],
    [[{ ph: 'Q', ts: 1, ...at }]],
    [[{ ph: 'i', s: 'z', name: 'x', ts: 1, ...at }]],
  ] satisfies [ChromeEvent[]][])('finds what is wrong in %j', (events) => {
    expect(chromeFaults(events)).not.toEqual([]);
  });
});
