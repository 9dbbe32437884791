import { describe, expect, test } from 'vitest';
import { checkTrace, EVENT_FILE_SCHEMA, writeEvents, writePerfetto } from '../src/index.ts';
import { fixture, line, textSource, vocabularies } from './recordings.ts';

const options = { vocabularies };

async function events(name: string): Promise<string> {
  let text = '';
  await writeEvents(fixture(name), options, (piece) => {
    text += piece;
  });
  return text;
}

describe('our own events', () => {
  test.each(['6.1-ext4-dax-write-hole', '6.1-ext4-page-write-hole', 'lockdep-6.1-xfs-dax-write-hole'])(
    '%s: read back, they are the same faults and findings',
    async (name) => {
      const text = await events(name);
      expect(JSON.parse(text.slice(0, text.indexOf('\n')))).toMatchObject({ schema: EVENT_FILE_SCHEMA });
      const there = await checkTrace(fixture(name), options);
      const back = await checkTrace(textSource(text), options);
      const core = (report: typeof there): object[] =>
        report.faults.map((fault) => ({ fs: fault.fs, kind: fault.kind, events: fault.events }));
      expect(core(back)).toEqual(core(there));
      expect(back.findings).toEqual(there.findings);
      expect(back.recording.events).toBe(there.recording.events);
    },
  );

  test('a damaged line is counted', async () => {
    const text = (await events('6.1-ext4-dax-write-hole')).split('\n');
    text.splice(5, 1, '{"type":"lock"', '{"type":"nonsense","task":"x"}');
    const report = await checkTrace(textSource(text.join('\n')), options);
    // The end then promises one more than there are.
    expect(report.recording.unreadable.first.map((piece) => piece.line)).toEqual([6, 7, text.length - 1]);
  });
});

interface ChromeEvent {
  ph: string;
  pid: number;
  tid: number;
  name?: string;
  id?: number;
  ts: number;
}

async function perfetto(source: Parameters<typeof writePerfetto>[0]): Promise<ChromeEvent[]> {
  let text = '';
  await writePerfetto(source, options, (piece) => {
    text += piece;
  });
  return (JSON.parse(text) as { traceEvents: ChromeEvent[] }).traceEvents;
}

describe('a timeline for Perfetto', () => {
  test('everything begun is ended, and slices of a track nest', async () => {
    const all = await perfetto(fixture('6.1-xfs-dax-write-hole'));
    const depth = new Map<number, number>();
    const holds = new Map<number | undefined, number>();
    for (const event of all) {
      if (event.ph === 'B') depth.set(event.tid, (depth.get(event.tid) ?? 0) + 1);
      if (event.ph === 'E') depth.set(event.tid, (depth.get(event.tid) ?? 0) - 1);
      if (event.ph === 'b') holds.set(event.id, 1);
      if (event.ph === 'e') holds.delete(event.id);
      expect(Math.min(...depth.values(), 0)).toBe(0);
    }
    expect([...depth.values()].every((value) => value === 0)).toBe(true);
    expect(holds.size).toBe(0);
    expect(all.some((event) => event.ph === 'b' && event.name === 'MMAPLOCK (shared)')).toBe(true);
  });

  test('a wake-up is an arrow to the task that then runs', async () => {
    const text =
      line('1.0', 'sched_waking: comm=b pid=7 prio=120 target_cpu=000', 'a-5') +
      line(
        '1.5',
        'sched_switch: prev_comm=a prev_pid=5 prev_prio=120 prev_state=S ==> next_comm=b next_pid=7 next_prio=120',
        'a-5',
      ) +
      line(
        '2.0',
        'sched_switch: prev_comm=b prev_pid=7 prev_prio=120 prev_state=S ==> next_comm=c next_pid=9 next_prio=120',
        'b-7',
      );
    const flows = (await perfetto(textSource(text))).filter((event) => event.ph === 's' || event.ph === 'f');
    expect(flows.map(({ ph, pid, id }) => [ph, pid, id])).toEqual([
      ['s', 5, flows[0]?.id],
      ['f', 7, flows[0]?.id],
    ]);
  });
});
