import { describe, expect, test } from 'vitest';
import { importDirections } from '../import-directions.mjs';
import { findingsIn } from './repository.ts';

describe.each([
  ['upwards', 'packages/mm/src/a.ts', "import { a } from '@faultpath/dax';", "import { a } from '@faultpath/engine';"],
  ['a filesystem from another', 'packages/ext4/src/a.ts', "import '@faultpath/xfs';", "import '@faultpath/dax';"],
  [
    'the suite from a filesystem',
    'packages/ext4/src/a.ts',
    "import '@faultpath/conformance';",
    "import '@faultpath/mm';",
  ],
  ['deep', 'packages/ext4/src/a.ts', "import '@faultpath/mm/src/gfp/index.ts';", "import '@faultpath/mm/gfp';"],
  ['across by path', 'packages/dax/src/a.ts', "import '../../mm/src/index.ts';", "import './b.ts';"],
  [
    'other tools into tests',
    'packages/engine/test/a.test.ts',
    "import '../../../tools/bench/a.mjs';",
    "import '../../../tools/vitest/a.ts';",
  ],
  [
    'what tests share into a package',
    'packages/engine/src/a.ts',
    "import '../../../tools/vitest/a.ts';",
    "import './vitest/a.ts';",
  ],
  ['anything into the engine', 'packages/engine/src/a.ts', "import 'left-pad';", "import 'node:worker_threads';"],
  [
    'values into report',
    'packages/report/src/a.ts',
    "import { a } from '@faultpath/engine';",
    "import type { A } from '@faultpath/engine';",
  ],
  ['all of mm into trace', 'packages/trace/src/a.ts', "import '@faultpath/mm';", "import '@faultpath/mm/gfp';"],
  ['the command line', 'packages/integration/src/a.ts', "import 'faultpath';", "import '@faultpath/ext4';"],
  [
    'by re-export',
    'packages/mm/src/a.ts',
    "export { a } from '@faultpath/dax';",
    "export { a } from '@faultpath/engine';",
  ],
  ['dynamically', 'packages/mm/src/a.ts', "await import('@faultpath/dax');", "await import('@faultpath/engine');"],
  [
    'as a type',
    'packages/mm/src/a.ts',
    "type A = import('@faultpath/dax').A;",
    "type A = import('@faultpath/engine').A;",
  ],
  [
    'another package’s tests',
    'packages/mm/test/a.test.ts',
    "import '@faultpath/conformance';",
    "import '@faultpath/mm';",
  ],
])('%s', (_title, file, bad, good) => {
  test('fires', () => {
    expect(findingsIn(importDirections, { [file]: `\n${bad}\n` })).toEqual([`${file}:2`]);
  });

  test('is silent on the near twin', () => {
    expect(findingsIn(importDirections, { [file]: `\n${good}\n` })).toEqual([]);
  });
});

test('an adapter’s own tests may run the suite', () => {
  expect(
    findingsIn(importDirections, {
      'packages/ext4/test/compliance.test.ts': "import '@faultpath/conformance/vitest';",
    }),
  ).toEqual([]);
});

test('a package that nobody placed is refused', () => {
  expect(findingsIn(importDirections, { 'packages/zfs/src/index.ts': '' })).toEqual(['packages/zfs:1']);
});
