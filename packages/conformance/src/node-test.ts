import { describe, test } from 'node:test';
import type { Filesystem } from '@faultpath/mm';
import { cases } from './cases/index.ts';
import { registerSuite, type SuiteOptions } from './suite.ts';

export type { SuiteOptions } from './suite.ts';

/** Registers the suite with node:test: one test for every cell of the adapter. What cannot be run is skipped, with its reason. */
export function conformanceTests(fs: Filesystem, options: SuiteOptions = {}): void {
  registerSuite(fs, options, cases, {
    describe: (name, body) => void describe(name, body),
    test: (name, body, skip) => void test(name, skip === undefined ? {} : { skip }, body),
  });
}
