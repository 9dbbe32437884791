import type { Filesystem } from '@faultpath/mm';
import { describe, test } from 'vitest';
import { cases } from './cases/index.ts';
import { registerSuite, type SuiteOptions } from './suite.ts';

export type { SuiteOptions } from './suite.ts';

/** Registers the suite with vitest: one test for every cell of the adapter. What cannot be run is skipped, with its reason. */
export function conformanceTests(fs: Filesystem, options: SuiteOptions = {}): void {
  registerSuite(fs, options, cases, {
    describe: (name, body) => describe(name, body),
    test: (name, body, skip) =>
      skip === undefined ? test(name, { timeout: 120_000 }, body) : test.skip(`${name}: ${skip}`, body),
  });
}
