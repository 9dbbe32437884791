import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorCode, run } from './io.ts';

const cell = ['export', 'ext2', 'dax/001', '--era', 'v6.1'];

describe('export', () => {
  test.each([
    ['promela', 'proctype'],
    ['tla', 'MODULE'],
    ['dot', 'digraph'],
    ['aldebaran', 'des ('],
  ])('writes %s', async (format, word) => {
    const { code, stdout, stderr } = await run([...cell, '--format', format]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(word);
  });

  test('names a TLA+ module as its file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'faultpath-export-'));
    try {
      const { stdout } = await run([...cell, '--format', 'tla', '--out', 'Case1.tla', '--json'], { cwd: folder });
      expect(JSON.parse(stdout)).toMatchObject({ fs: 'ext2', case: 'dax/001', out: 'Case1.tla' });
      expect(await readFile(join(folder, 'Case1.tla'), 'utf8')).toContain('MODULE Case1');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each([
    ['no format', cell, 'CLI_MISSING_ARGUMENT'],
    ['an unknown format', [...cell, '--format', 'pml'], 'CLI_BAD_VALUE'],
    ['no release', ['export', 'ext2', 'dax/001', '--format', 'dot'], 'CLI_MISSING_ARGUMENT'],
    [
      'a case that is not run here',
      ['export', 'ext2', 'dax/008', '--era', 'v6.1', '--format', 'dot'],
      'CONFORMANCE_BAD_CASE',
    ],
    ['more states than allowed', [...cell, '--format', 'aldebaran', '--max-states', '3'], 'ENGINE_BUDGET'],
  ])('%s is refused', async (_what, argv, code) => {
    const outcome = await run(argv);
    expect([outcome.code, errorCode(outcome)]).toEqual([2, code]);
  });
});
