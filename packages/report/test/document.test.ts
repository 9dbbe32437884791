import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  cellKey,
  conformanceSchema,
  exitCodeOf,
  firstMismatch,
  makeDocument,
  mergeDocuments,
  parseDocument,
  ReportError,
  rulePage,
  summarize,
  toJson,
} from '../src/index.ts';
import { cell, everyVerdict, hostileCells } from './sample.ts';
import { terminalControls } from './well-formed.ts';

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ReportError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('a document', () => {
  test('orders its cells by name, numbers as numbers, as-released first', () => {
    const keys = makeDocument(everyVerdict).results.map(cellKey);
    expect(keys.slice(0, 2)).toEqual(['ext4/v6.1/as-released/dax/001', 'ext4/v6.1/as-released/dax/002']);
    expect(keys.slice(-2)).toEqual(['xfs/v4.9/as-released/dax/001', 'xfs/v4.10/as-released/dax/001']);
    expect(makeDocument([...everyVerdict].reverse())).toEqual(makeDocument(everyVerdict));
  });

  test('counts states of a shared exploration once', () => {
    const both = [cell(), cell({ policy: 'core', sameAs: cellKey(cell()) })];
    expect(summarize(both)).toMatchObject({ pass: 2, states: 12345, transitions: 45678 });
    expect(summarize([cell(), cell({ policy: 'core' })])).toMatchObject({ pass: 2, states: 24690 });
  });

  test('refuses two results for one cell', () => {
    expect(codeOf(() => makeDocument([cell(), cell({ states: 1 })]))).toBe('REPORT_CONFLICT');
  });

  test('merged from shards is the unsharded document, whichever way it was cut', () => {
    const whole = makeDocument(everyVerdict);
    for (const parts of [1, 2, 3, 7]) {
      const shards = Array.from({ length: parts }, (_, i) =>
        makeDocument(everyVerdict.filter((_cell, j) => j % parts === i)),
      );
      expect(toJson(mergeDocuments(shards.reverse()))).toBe(toJson(whole));
    }
  });

  test('settles which of the cells with one system was explored, so that shards agree with the whole', () => {
    const one = cell({ policy: 'core', system: 's1' });
    const other = cell({ policy: 'jiang', system: 's1', sameAs: 'ext4/v6.1/core/dax/001' });
    const whole = makeDocument([one, other, cell({ policy: 'scope', system: 's2' })]);
    expect(whole.results.map((result) => result.sameAs)).toEqual([undefined, cellKey(one), undefined]);
    expect(whole.summary.states).toBe(2 * one.states);
    const { sameAs: _, ...alone } = other;
    const shards = [[one], [alone, cell({ policy: 'scope', system: 's2' })]].map((cells) => makeDocument(cells));
    expect(toJson(mergeDocuments(shards))).toBe(toJson(whole));
  });

  test('merging takes the same answer twice, and refuses two answers', () => {
    expect(mergeDocuments([makeDocument([cell()], 1), makeDocument([cell()], 2)]).summary).toMatchObject({
      pass: 1,
      seconds: 3,
    });
    expect(
      codeOf(() => mergeDocuments([makeDocument([cell()]), makeDocument([cell({ verdict: 'incomplete' })])])),
    ).toBe('REPORT_CONFLICT');
  });

  test('rule pages stay inside their folder', () => {
    expect(rulePage('gfp/fs-recursion')).toBe('docs/rules/gfp-fs-recursion.md');
    expect(rulePage('../../x')).toMatch(/^docs\/rules\/[^/]+\.md$/);
  });
});

describe('the exit code', () => {
  const code = (...cells: Parameters<typeof cell>[0][]): number =>
    exitCodeOf(makeDocument(cells.map((changes, i) => cell({ case: `c/${i}`, ...changes }))));

  test('is 0 only when something was executed and all is as expected', () => {
    expect(code({})).toBe(0);
    expect(code({}, { verdict: 'xfail' }, { verdict: 'notrun' })).toBe(0);
    expect(code({ verdict: 'xfail' })).toBe(0);
    expect(code({}, { verdict: 'fail', level: 'SHOULD' })).toBe(0);
    expect(code()).toBe(2);
    expect(code({ verdict: 'notrun' })).toBe(2);
  });

  test('is 1 for a failure and for an expected failure that passes, even beside an incomplete cell', () => {
    expect(code({ verdict: 'fail' })).toBe(1);
    expect(code({ verdict: 'xpass' })).toBe(1);
    expect(code({ verdict: 'incomplete' }, { verdict: 'fail' })).toBe(1);
  });

  test('is 2 for an incomplete cell', () => {
    expect(code({}, { verdict: 'incomplete' })).toBe(2);
  });
});

describe('JSON', () => {
  test('comes back as it was', () => {
    const document = makeDocument(everyVerdict, 1.5);
    expect(parseDocument(toJson(document))).toEqual(document);
    const bad = makeDocument(hostileCells());
    expect(parseDocument(toJson(bad))).toEqual(bad);
    expect(terminalControls(toJson(bad))).toEqual([]);
  });

  test('is refused when it is cut off or of another shape', () => {
    const good = toJson(makeDocument([cell()]));
    expect(codeOf(() => parseDocument(good.slice(0, 100)))).toBe('REPORT_NOT_JSON');
    expect(codeOf(() => parseDocument(''))).toBe('REPORT_NOT_JSON');
    for (const text of [
      '{}',
      '[]',
      'null',
      '3',
      good.replace('conformance/1', 'conformance/9'),
      good.replace('"pass",', '"passed",'),
    ]) {
      expect(codeOf(() => parseDocument(text))).toBe('REPORT_BAD_DOCUMENT');
    }
  });

  test('keeps what a later release adds', () => {
    expect(parseDocument(toJson(makeDocument([cell()])).replace('"fs"', '"added": 1, "fs"')).results).toHaveLength(1);
  });

  test('has a published schema, which is the one documents are read against', () => {
    const published: unknown = JSON.parse(
      readFileSync(new URL('../schema/conformance-1.schema.json', import.meta.url), 'utf8'),
    );
    expect(published).toEqual(JSON.parse(JSON.stringify(conformanceSchema)));
    expect(firstMismatch(makeDocument(everyVerdict), conformanceSchema)).toBeUndefined();
  });

  test.each([
    [
      'a finding without an explanation',
      { findings: [{ rule: 'a/b', level: 'error', claim: 'c', because: [] }] },
      'because',
    ],
    ['a fraction of a state', { states: 1.5 }, 'states'],
    ['a negative count', { transitions: -1 }, 'transitions'],
    ['an unknown level', { level: 'MAY' }, 'level'],
    ['no name', { fs: '' }, 'fs'],
    ['a bound that is no number', { bounds: { tasks: '3' } }, 'bounds.tasks'],
  ])('the schema refuses %s and names the place', (_what, changes, place) => {
    const document = { ...makeDocument([cell()]), results: [{ ...cell(), ...changes }] };
    expect(firstMismatch(document, conformanceSchema)).toContain(
      `document.results[0].${place.startsWith('because') ? 'findings[0].because' : place}`,
    );
  });
});
