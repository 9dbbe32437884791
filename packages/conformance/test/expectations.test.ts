import { describe, expect, test } from 'vitest';
import { type Expectation, expectationFor, parseExpectations, runConformance } from '../src/index.ts';
import { misbehaving } from './broken-adapters.ts';
import { oneCell, tiny } from './tinyfs.ts';

const entry = { case: 'dax/001', rules: ['lock/leak'], reason: 'known', link: 'https://example.org/1' };
const file = (expect: unknown, schema: unknown = 'faultpath/expectations/1'): string =>
  JSON.stringify({ schema, expect });

describe('an expectations file', () => {
  test('is read as written', () => {
    const full = { ...entry, fs: ['tiny'], era: ['v6.1'], policy: ['core'], expires: '2027-06-30' };
    expect(parseExpectations(file([full]), 'known.json')).toEqual([full]);
  });

  test.each([
    ['text that is cut off', '{', 'known.json:1:2'],
    ['text that is no JSON', '{\n  "schema": 1,\n  }', 'known.json:3:3'],
    ['no document', 'null', 'known.json: schema'],
    ['another schema', file([], 'faultpath/expectations/2'), 'known.json: schema'],
    ['no list', file({}), 'known.json: expect'],
    ['no record', file(['dax/001']), 'known.json: expect[0]'],
    ['an unknown field', file([{ ...entry, cases: 1 }]), 'known.json: expect[0].cases'],
    ['no reason', file([{ ...entry, reason: '' }]), 'known.json: expect[0].reason'],
    ['no link', file([entry, { ...entry, link: undefined }]), 'known.json: expect[1].link'],
    ['no rules', file([{ ...entry, rules: [] }]), 'known.json: expect[0].rules'],
    ['eras that are no list', file([{ ...entry, era: 'v6.1' }]), 'known.json: expect[0].era'],
    ['a date that is none', file([{ ...entry, expires: 'soon' }]), 'known.json: expect[0].expires'],
    ['a date that sorts otherwise', file([{ ...entry, expires: 'June 2027' }]), 'known.json: expect[0].expires'],
    ['an unknown era', file([{ ...entry, era: ['v6.1', 'v9.9'] }]), 'known.json: expect[0].era'],
    ['an unknown policy', file([{ ...entry, policy: ['best'] }]), 'known.json: expect[0].policy'],
    ['an unknown rule', file([{ ...entry, rules: ['lock/leek'] }]), 'known.json: expect[0].rules'],
    ['an unknown case', file([entry, { ...entry, case: 'dax/999' }]), 'known.json: expect[1].case'],
  ])('with %s is refused by field', (_what, text, where) => {
    expect(() => parseExpectations(text, 'known.json', ['dax/001'])).toThrowError(
      expect.objectContaining({ code: 'CONFORMANCE_EXPECTATIONS', where }),
    );
  });
});

test('cases are any where nobody says which there are, and filesystems always', () => {
  const text = file([{ ...entry, case: 'myfs/001', fs: ['myfs'] }]);
  expect(parseExpectations(text, 'known.json')).toHaveLength(1);
});

describe('an expectation covers', () => {
  const cell = { fs: 'tiny', era: 'v6.1', policy: 'core', case: 'dax/001' };
  test.each<[string, Partial<Expectation>, boolean]>([
    ['every setting of its case', {}, true],
    ['the settings it names', { fs: ['other', 'tiny'], era: ['v6.1'], policy: ['core'] }, true],
    ['no other filesystem', { fs: ['other'] }, false],
    ['no other era', { era: ['v4.9'] }, false],
    ['no other policy', { policy: ['jiang'] }, false],
    ['no other case', { case: 'dax/002' }, false],
    ['the day before it expires', { expires: '2026-12-02' }, true],
    ['not the day it expires', { expires: '2026-12-01' }, false],
  ])('%s', (_what, change, covers) => {
    expect(expectationFor(cell, [{ ...entry, ...change }], '2026-12-01') !== undefined).toBe(covers);
  });
});

describe('a run with expectations', () => {
  const leaky = misbehaving['leaves a lock behind']?.fs ?? expect.fail('the sample is gone');
  const run = async (adapter: typeof tiny, known: Partial<Expectation>) => {
    const [outcome] = await runConformance({
      adapters: [adapter],
      ...oneCell,
      case: ['dax/001'],
      expectations: [{ ...entry, ...known }],
      today: '2026-12-01',
    });
    return outcome?.result;
  };

  test('turns the failure into xfail, with its reason and link', async () => {
    const rules = ['lock/leak', 'lockdep/circular', 'lock/order', 'lock/contract'];
    expect(await run(leaky, { rules })).toMatchObject({ verdict: 'xfail', reason: 'known', link: entry.link });
  });

  test('turns a pass into xpass', async () => {
    expect(await run(tiny, {})).toMatchObject({ verdict: 'xpass', link: entry.link });
  });

  test('leaves a failure alone that another rule reports', async () => {
    expect(await run(leaky, { rules: ['engine/deadlock'] })).toMatchObject({ verdict: 'fail', link: entry.link });
  });

  test('leaves a failure alone once it has expired', async () => {
    expect(await run(leaky, { expires: '2026-11-30' })).toMatchObject({ verdict: 'fail' });
  });

  test('leaves alone what is not run', async () => {
    const [outcome] = await runConformance({
      adapters: [tiny],
      ...oneCell,
      case: ['dax/004'],
      expectations: [{ ...entry, case: 'dax/004' }],
    });
    expect(outcome?.result.verdict).toBe('notrun');
  });
});
