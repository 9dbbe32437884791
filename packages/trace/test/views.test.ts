import { type FaultpathEvent, rules, startJudgement } from '@faultpath/lockdep';
import { describe, expect, test } from 'vitest';
import { WordTable } from '../src/dat/word-table.ts';
import { checkTrace, readTrace } from '../src/index.ts';
import { readViews } from '../src/read.ts';
import { fixture, fixtureText, textSource, vocabularies } from './recordings.ts';

const RECORDINGS = ['6.1-xfs-dax-write-hole', '7.2-ext4-dax-write-hole', 'lockdep-6.1-xfs-nodax-freeze'];

/** What a judge reads of an event, member by member. */
const MEMBERS = [
  'type action task where lock instance mode kind subclass trylock owner backtrace',
  'site requested effective order charged mapping scope by via access ret detail count',
]
  .join(' ')
  .split(' ');

const read = (event: FaultpathEvent): unknown[] =>
  MEMBERS.map((member) => (event as unknown as Record<string, unknown>)[member]);

describe.each(RECORDINGS)('the views of %s', (name) => {
  test('read like the plain events', async () => {
    const views: unknown[] = [];
    const plain: unknown[] = [];
    await readViews(fixture(name), { vocabularies }, { event: (event) => views.push(read(event)) });
    await readTrace(fixture(name), { vocabularies }, { event: (event) => plain.push(read({ ...event })) });
    expect(plain.length).toBeGreaterThan(20);
    expect(views).toEqual(plain);
  });
});

describe('a judge of plain events', () => {
  // A write fault after a read fault: together they have a finding.
  const both = textSource(fixtureText('6.1-ext4-dax-read-hole') + fixtureText('6.1-ext4-dax-write-hole'));

  test('finds what a judge of views finds', async () => {
    const report = await checkTrace(both, { vocabularies, file: 'both', rules });
    const judgement = startJudgement({
      rules,
      provides: ['locks', 'scopes', 'requested-mask', 'effective-mask', 'faults', 'freeze'],
      assume: vocabularies.flatMap(({ reclaim }) => reclaim ?? []),
    });
    await readTrace(both, { vocabularies, file: 'both' }, { event: (event) => judgement.onEvent(event) });
    expect(report.findings.length).toBeGreaterThan(0);
    expect(report.findings).toEqual(judgement.finish().findings);
  });
});

describe('a table of words', () => {
  test('finds each number that was added, also after it has grown, and no other', () => {
    const table = new WordTable();
    const words = Array.from({ length: 1000 }, (_, at) => table.add(at % 3, at * 8, `0x${at}`));
    words.forEach((word, at) => {
      expect(table.find(at % 3, at * 8)).toBe(word);
    });
    expect(table.find(0, 8)).toBeUndefined();
  });

  test('forgets what it has when that is too much', () => {
    const table = new WordTable();
    for (let at = 0; at < 20_000; at += 1) table.add(0, at, `${at}`);
    expect(table.find(0, 0)).toBeUndefined();
    expect(table.find(0, 19_999)?.text).toBe('19999');
  });
});
