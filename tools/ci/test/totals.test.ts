import { expect, test } from 'vitest';
import { totalsOf } from '../totals.mjs';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});
const totals = (...testResults: ReturnType<typeof file>[]) => totalsOf({ testResults });

test('tests are counted over all files, without those skipped', () => {
  expect(totals(file('passed', 'passed', 'skipped'), file('failed', 'passed', 'failed'))).toEqual({
    passed: 2,
    failed: 1,
  });
});

test('a file that could not be loaded is a failure', () => {
  expect(totals(file('passed', 'passed'), file('failed'))).toEqual({ passed: 1, failed: 1 });
});

test('a file whose clean-up failed is a failure', () => {
  expect(totals(file('failed', 'passed'))).toEqual({ passed: 1, failed: 1 });
});

test('no test at all is a failure', () => {
  expect(totals()).toEqual({ passed: 0, failed: 1 });
  expect(totals(file('passed', 'skipped'))).toEqual({ passed: 0, failed: 1 });
});
