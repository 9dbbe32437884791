import { type FaultpathEvent, TaskTracker } from '@faultpath/lockdep';
import { describe, expect, test } from 'vitest';
import { checkTrace, readTrace } from '../src/index.ts';
import { fixtureText, line, textSource, vocabularies } from './recordings.ts';

const times = (count: number, rest: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(`1.${String(at).padStart(6, '0')}`, rest(at))).join('');

const locks = (count: number): string =>
  times(count, (at) => `down_read: (down_read+0x0/0x1) sem=0x${1000 + at} caller=ext4_map_blocks+0x1/0x2`);
const handles = (count: number): string =>
  times(count, (at) => `jbd2_handle_start: dev 259,0 tid ${at} type 1 line_no 1 requested_blocks 1`);
const reclaims = (count: number): string =>
  times(count, () => 'mm_vmscan_direct_reclaim_begin: order=0 gfp_flags=GFP_KERNEL');

async function read(text: string) {
  const events: FaultpathEvent[] = [];
  const { counts } = await readTrace(textSource(text), { vocabularies }, { event: (event) => events.push(event) });
  const { recording } = await checkTrace(textSource(text), { vocabularies });
  expect(recording.givenUp.count).toBe(counts.givenUp);
  return { events, givenUp: recording.givenUp };
}

describe('what a task can no longer be in or hold is given up, and the report says so', () => {
  test.each([
    ['locks', locks, 48, (event: FaultpathEvent) => event.type === 'lock' && event.action === 'release'],
    ['reclaims', reclaims, 16, (event: FaultpathEvent) => event.type === 'reclaim' && event.action === 'exit'],
  ])('%s', async (_, text, most, isEnd) => {
    const full = await read(text(most));
    expect(full.givenUp).toEqual({ count: 0, first: [] });
    expect(full.events.filter(isEnd)).toHaveLength(0);
    const over = await read(text(most + 3));
    expect(over.givenUp.count).toBe(3);
    expect(over.givenUp.first.map((piece) => piece.line)).toEqual([1, 2, 3]);
    expect(over.events.filter(isEnd)).toHaveLength(3);
  });

  test('scopes, and the locks that they are', async () => {
    expect((await read(handles(48))).givenUp.count).toBe(0);
    const isExit = (event: FaultpathEvent): boolean =>
      event.type === 'scope' && event.action === 'exit' && event.scope === 'handle';
    const full = await read(handles(64));
    expect(full.givenUp.count).toBe(16);
    expect(full.events.filter(isExit)).toHaveLength(0);
    const over = await read(handles(65));
    expect(over.givenUp.count).toBe(18);
    expect(over.events.filter(isExit)).toHaveLength(1);
  });

  test('a task that drops one lock for each that it takes may go on for ever', async () => {
    const text = times(500, (at) => {
      const sem = `sem=0x${1000 + (at >> 1)} caller=ext4_map_blocks+0x1/0x2`;
      return at % 2 === 0 ? `down_read: (down_read+0x0/0x1) ${sem}` : `up_read: (up_read+0x0/0x1) ${sem}`;
    });
    expect((await read(text)).givenUp.count).toBe(0);
  });
});

/** The most that any task held and was inside of while a recording was read that is cut off, again and again. */
async function most(name: string, part: number, repeats: number) {
  const lines = fixtureText(name).split('\n').slice(0, -1);
  const text = `${lines
    .filter((each) => !each.startsWith('#'))
    .slice(0, Math.floor(lines.length * part))
    .join('\n')}\n`;
  const tracker = new TaskTracker();
  const inside = new Map<string, number>();
  const found = { held: 0, scopes: 0, reclaims: 0, faults: 0, tasks: 0 };
  const { counts } = await readTrace(
    textSource(text.repeat(repeats)),
    { vocabularies },
    {
      event(event) {
        tracker.apply(event);
        const { held, scopes } = tracker.context(event.task);
        found.held = Math.max(found.held, held.length);
        found.scopes = Math.max(found.scopes, scopes.length);
        if (event.type !== 'reclaim' && event.type !== 'fault') return;
        const key = `${event.type} ${event.task}`;
        const depth = (inside.get(key) ?? 0) + (event.action === 'enter' ? 1 : -1);
        inside.set(key, depth);
        const which = event.type === 'fault' ? 'faults' : 'reclaims';
        found[which] = Math.max(found[which], depth);
      },
    },
  );
  return { ...found, tasks: [...tracker.contexts()].length, givenUp: counts.givenUp };
}

describe('a recording that is cut off, repeated many times', () => {
  test.each([
    ['6.1-ext4-dax-sync-write-hole', 0.5],
    ['7.2-ext4-dax-write-hole', 0.7],
    ['lockdep-6.1-xfs-dax-write-hole', 0.7],
    ['lockdep-6.1-ext4-dax-memcg-reclaim.part', 0.7],
    ['xfs-dax-write-hole.report', 0.5],
  ])('%s leaves no more behind after 300 times than after 100', async (name, part) => {
    const { givenUp: some, ...early } = await most(name, part, 100);
    const { givenUp: more, ...late } = await most(name, part, 300);
    expect(late).toEqual(early);
    expect(early.held).toBeLessThanOrEqual(48);
    expect(more).toBeGreaterThan(some);
  });
});
