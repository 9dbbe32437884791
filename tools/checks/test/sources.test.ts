import { describe, expect, test } from 'vitest';
import type { Check } from '../check.mjs';
import { closedExports } from '../closed-exports.mjs';
import { fileLength } from '../file-length.mjs';
import { forbiddenText } from '../forbidden-text.mjs';
import { findingsIn } from './repository.ts';

const spell = (...parts: string[]) => parts.join('');
const cases: [string, Check, string, string, string][] = [
  ['export *', closedExports, 'packages/mm/src/a.ts', "\nexport * from './b.ts';", "\nexport { b } from './b.ts';"],
  [
    'export type *',
    closedExports,
    'packages/mm/src/a.ts',
    "\nexport type * from './b.ts';",
    "\nexport type { B } from './b.ts';",
  ],
  [
    'a marker',
    forbiddenText,
    'packages/mm/src/a.ts',
    spell('\n// TO', 'DO: later'),
    spell("\nconst directive = '# TO", "DO';"),
  ],
  ['a marker in a page', forbiddenText, 'docs/a.md', spell('\n<!-- FIX', 'ME -->'), '\n<!-- fixed -->'],
  [
    'a path',
    forbiddenText,
    'tools/a.mjs',
    spell("\nconst a = '/ho", "me/someone/a';"),
    "\nconst a = '../home/someone/a';",
  ],
  ['a path in a fixture', forbiddenText, 'packages/mm/test/fixtures/a.json', spell('\n"/tm', 'p/a"'), '\n"tmp/a"'],
  [
    'a registry',
    forbiddenText,
    'docs/a.md',
    spell('\nhttps://regi', 'stry.example.org/'),
    '\nhttps://example.org/registry',
  ],
  [
    'an archive',
    forbiddenText,
    'tools/a.sh',
    spell('\nde', 'b [trusted=yes] http', '://example.org/'),
    '\nweb http://example.org/',
  ],
];

describe.each(cases)('%s', (_title, check, file, bad, good) => {
  test('fires', () => {
    expect(findingsIn(check, { [file]: bad })).toEqual([`${file}:2`]);
  });

  test('is silent on the near twin', () => {
    expect(findingsIn(check, { [file]: good })).toEqual([]);
  });
});

test('400 lines are allowed, 401 are not', () => {
  const lines = (count: number) => 'a;\n'.repeat(count);
  const files = { 'packages/mm/src/long.ts': lines(401), 'tools/short.mjs': lines(400) };
  expect(findingsIn(fileLength, files)).toEqual(['packages/mm/src/long.ts:401']);
});
