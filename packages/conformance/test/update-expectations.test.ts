import { expect, test } from 'vitest';
import { type CellResult, type Expectation, parseExpectations, updateExpectations } from '../src/index.ts';

const entry: Expectation = { case: 'dax/001', rules: ['lock/leak'], reason: 'known', link: 'https://example.org/1' };
const finding = { rule: 'lock/leak', level: 'error', claim: 'c', because: [{ text: 't' }] } as const;

function cell(verdict: CellResult['verdict'], changes: Partial<CellResult> = {}): CellResult {
  const name = { fs: 'tiny', era: 'v6.1', policy: 'core', case: 'dax/001', title: 't' };
  const counts = { states: 1, transitions: 1, exhausted: true, bounds: {}, notes: [] };
  return { ...name, ...counts, level: 'MUST', counterfactual: false, verdict, findings: [finding], ...changes };
}

const update = (known: readonly Expectation[], ...results: CellResult[]) =>
  updateExpectations(known, results, '2026-12-01');

test('what failed is added by name, and the file is refused until a reason is given', () => {
  const {
    expect: entries,
    added,
    removed,
  } = update([entry], cell('fail'), cell('fail', { level: 'SHOULD', case: 'x' }));
  expect([added, removed]).toEqual([1, 0]);
  expect(entries).toEqual([
    { case: 'dax/001', fs: ['tiny'], era: ['v6.1'], policy: ['core'], rules: ['lock/leak'], reason: '', link: '' },
    entry,
  ]);
  const text = JSON.stringify({ schema: 'faultpath/expectations/1', expect: entries });
  expect(() => parseExpectations(text, 'known.json')).toThrowError(
    expect.objectContaining({ where: 'known.json: expect[0].reason' }),
  );
});

test('what passed is removed, and what still fails of it stays', () => {
  expect(update([entry], cell('xpass'))).toEqual({ expect: [], added: 0, removed: 1 });
  const mixed = update([entry], cell('xpass'), cell('xfail', { era: 'v6.12' }));
  expect(mixed.expect).toEqual([{ ...entry, fs: ['tiny'], era: ['v6.12'], policy: ['core'] }]);
});

test('what was not run, or failed as expected, stays as it is', () => {
  const other = { ...entry, case: 'dax/002' };
  expect(update([entry, other], cell('xfail'))).toEqual({ expect: [entry, other], added: 0, removed: 0 });
});
