import { describe, expect, test } from 'vitest';
import { cases, cellName, defineCase, planCells, runConformance, type Selection } from '../src/index.ts';
import { oneCell, tiny } from './tinyfs.ts';

const other = { ...tiny, name: 'other' };
const names = (selection: Selection): string[] =>
  planCells({ adapters: [tiny, other], ...selection }).map(({ subject, setting }) =>
    cellName({ fs: setting.fs.name, era: setting.era, policy: setting.policy, case: subject.id }),
  );

describe('a selection', () => {
  test('is everything where nothing is said: filesystem, era, policy, case', () => {
    const all = names({});
    expect(all.length).toBe(2 * 6 * 8 * cases.length);
    expect(all[0]).toBe('tiny/v4.9/as-released/dax/001');
    expect(all.at(-1)).toBe(`other/v6.12/scope/${cases.at(-1)?.id}`);
  });

  test('filters, by group too', () => {
    expect(names({ fs: ['other'], era: ['v6.1'], policy: ['core'], case: ['dax/002', 'truncate'] })).toEqual([
      'other/v6.1/core/dax/002',
      'other/v6.1/core/dax/006',
    ]);
  });

  test.each<[string, Selection]>([
    ['fs', { fs: ['ext5'] }],
    ['era', { era: ['v2.6'] }],
    ['policy', { policy: ['mine'] }],
    ['case', { case: ['dax/999'] }],
    ['rule', { rule: ['gfp/none'] }],
    ['fs', { fs: [] }],
  ])('of an unknown %s is refused, naming the known ones', (where, selection) => {
    const refusal = expect.objectContaining({ code: 'CONFORMANCE_UNKNOWN_VALUE', where });
    expect(() => names(selection)).toThrowError(refusal);
    expect(() => names(selection)).toThrowError(/known: /);
  });

  test('of nothing is refused, as are two of one name and bad cases', () => {
    const code = (wanted: string) => expect.objectContaining({ code: wanted });
    expect(() => planCells({ adapters: [] })).toThrowError(code('CONFORMANCE_NOTHING_SELECTED'));
    expect(() => planCells({ adapters: [tiny], cases: [] })).toThrowError(code('CONFORMANCE_NOTHING_SELECTED'));
    expect(() => planCells({ adapters: [tiny, { ...tiny }] })).toThrowError(code('CONFORMANCE_DUPLICATE'));
    const [sample] = cases;
    if (sample === undefined) return expect.fail('there is no case');
    expect(() => planCells({ adapters: [tiny], cases: [sample, sample] })).toThrowError(code('CONFORMANCE_DUPLICATE'));
    for (const change of [{ id: 'one' }, { groups: [] }, { rules: [] }, { guards: '' }, { rules: ['no/rule'] }])
      expect(() => defineCase({ ...sample, ...change })).toThrowError(code('CONFORMANCE_BAD_CASE'));
  });
});

describe('shards', () => {
  test.each([1, 2, 3, 7])('of %i are the whole together, and share no cell', (of) => {
    const parts = Array.from({ length: of }, (_, index) => names({ shard: { index: index + 1, of } }));
    expect(parts.flat().sort()).toEqual(names({}).sort());
    expect(new Set(parts.flat()).size).toBe(parts.flat().length);
  });

  test('give the results of the whole run', async () => {
    const selection = { adapters: [tiny, other], ...oneCell, policy: ['as-released', 'jiang'], case: ['quick'] };
    const run = async (shard?: Selection['shard']) =>
      (await runConformance({ ...selection, ...(shard === undefined ? {} : { shard }) })).map(({ result }) => result);
    const whole = await run();
    const parts = [
      await run({ index: 1, of: 3 }),
      await run({ index: 2, of: 3 }),
      await run({ index: 3, of: 3 }),
    ].flat();
    const byName = (results: typeof whole) => new Map(results.map((result) => [cellName(result), result]));
    expect(byName(parts)).toEqual(byName(whole));
  });

  test.each([
    [0, 3],
    [4, 3],
    [1, 0],
    [1.5, 3],
  ])('%d/%d is refused', (index, of) => {
    expect(() => names({ shard: { index, of } })).toThrowError(
      expect.objectContaining({ code: 'CONFORMANCE_BAD_SHARD' }),
    );
  });
});
