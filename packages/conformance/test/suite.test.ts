import { describe, expect, test } from 'vitest';
import { cases } from '../src/cases/index.ts';
import { registerSuite, type SuiteOptions } from '../src/suite.ts';
import { conformanceTests } from '../src/vitest.ts';
import { misbehaving, unexplorable } from './broken-adapters.ts';
import { tiny } from './tinyfs.ts';

// What an adapter's own repository has in its tests, and nothing else.
conformanceTests(tiny, { case: ['dax/001', 'dax/004'] });

interface Registered {
  readonly group: string;
  readonly name: string;
  readonly skip: string | undefined;
  readonly body: () => Promise<void>;
}

function register(fs: unknown, options: SuiteOptions = {}): Registered[] {
  const tests: Registered[] = [];
  let group = '';
  registerSuite(fs as typeof tiny, options, cases, {
    describe: (name, body) => {
      group = name;
      body();
    },
    test: (name, body, skip) => tests.push({ group, name, skip, body }),
  });
  return tests;
}

describe('the suite in a test runner', () => {
  test('has a test for every case, by era, and says why some are skipped', () => {
    const tests = register(tiny);
    expect(tests.length).toBe(cases.length);
    expect(tests[0]).toMatchObject({ group: 'tiny v6.1', skip: undefined });
    expect(tests.find(({ name }) => name.startsWith('dax/004'))?.skip).toContain('lazytime');
  });

  test('throws findings with a code', async () => {
    const [first] = register(misbehaving['leaves a lock behind']?.fs, { case: ['dax/001'] });
    await expect(first?.body()).rejects.toMatchObject({ code: 'CONFORMANCE_CELL_FAILED' });
    await expect(first?.body()).rejects.toThrow('lock/leak');
  });

  test('is content with an expected failure', async () => {
    const rules = ['lock/leak', 'lock/order', 'lock/contract', 'lockdep/circular'];
    const known = { case: 'dax/001', rules, reason: 'known', link: 'https://example.org' };
    const fs = misbehaving['leaves a lock behind']?.fs;
    const [first] = register(fs, { case: ['dax/001'], expectations: [known] });
    await expect(first?.body()).resolves.toBeUndefined();
  });

  test('registers a test for an adapter that cannot be explored, which says why', async () => {
    for (const { fs, code } of [unexplorable['no mapping policy'], unexplorable['no handlers']].flatMap(
      (each) => each ?? [],
    )) {
      const [first] = register(fs, { case: ['dax/001'] });
      await expect(first?.body()).rejects.toThrow(code);
    }
  });

  test('refuses a selection of nothing', () => {
    expect(() => register(tiny, { case: ['dax/999'] })).toThrowError(
      expect.objectContaining({ code: 'CONFORMANCE_UNKNOWN_VALUE' }),
    );
  });
});
