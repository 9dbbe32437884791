import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorCode, run } from './io.ts';

const adapter = fileURLToPath(new URL('../../../tools/pack/fixtures/myfs.js', import.meta.url));
const few = ['conformance', '--adapter', adapter, '--mutants', '--era', 'v6.12', '--case', 'dax/001,dax/002'];

interface Told {
  readonly schema: string;
  readonly mutants: readonly { readonly mutant: string; readonly verdict: string; readonly killedBy: string[] }[];
  readonly summary: readonly Readonly<Record<string, unknown>>[];
}

describe('conformance --mutants', () => {
  let told: Told;
  let text = '';

  beforeAll(async () => {
    const outcome = await run([...few, '--limit', '6', '--seed', '2', '--json']);
    expect([outcome.code, outcome.stderr]).toEqual([expect.any(Number), '']);
    told = JSON.parse(outcome.stdout);
    text = (await run([...few, '--limit', '6', '--seed', '2'])).stdout;
  }, 120_000);

  test('gives every mutant and what became of it as a document', () => {
    expect(told.schema).toBe('faultpath/mutants/1');
    expect(told.mutants).toHaveLength(6);
    for (const { mutant, verdict, killedBy } of told.mutants) {
      expect(mutant).toMatch(/^[a-z-]+:.+@.+/);
      expect(killedBy.length > 0).toBe(verdict === 'killed');
    }
    const count = (verdict: string): number => told.mutants.filter((each) => each.verdict === verdict).length;
    expect(told.summary).toEqual([
      expect.objectContaining({
        fs: 'myfs',
        eras: ['v6.12'],
        killed: count('killed'),
        equivalent: count('equivalent'),
        survived: count('survived'),
      }),
    ]);
    expect(count('killed')).toBeGreaterThan(0);
  });

  test('prints one line for the adapter, and one for each that no rule sees', () => {
    const [line = '', ...survivors] = text.trimEnd().split('\n');
    expect(line).toMatch(/^myfs \(v6\.12\): 6 mutants of \d+: /);
    const survived = told.mutants.filter(({ verdict }) => verdict === 'survived').map(({ mutant }) => mutant);
    expect(survivors.map((each) => / {2}survived {2}(\S.*?): /.exec(each)?.[1])).toEqual(survived);
  });

  test('ends with 1 where too few are killed', async () => {
    // The rules see nothing within so few states; what they don't see is no pass.
    const outcome = await run([...few, '--limit', '2', '--max-states', '1', '--json']);
    const [summary] = (JSON.parse(outcome.stdout) as Told).summary;
    expect(outcome.code).toBe(Number(summary?.['killedShare']) < 0.9 ? 1 : 0);
  });

  test('ends with 2 where there is nothing to change', async () => {
    const outcome = await run([...few.slice(0, -1), 'dax/004', '--json']);
    expect([outcome.code, (JSON.parse(outcome.stdout) as Told).mutants]).toEqual([2, []]);
  });

  test.each([
    ['no number of them', ['--limit', '0'], 'CLI_BAD_VALUE'],
    ['a seed that is none', ['--limit', '2', '--seed', 'x'], 'CLI_BAD_VALUE'],
    ['a filter of rules', ['--rule', 'lock/leak'], 'CLI_BAD_VALUE'],
    ['twins at the same time', ['--twins'], 'CLI_BAD_VALUE'],
    ['expectations', ['--expectations', 'x.json'], 'CLI_BAD_VALUE'],
    ['another search', ['--no-reductions'], 'CLI_BAD_VALUE'],
    ['an era that there is not', ['--era', 'v3.0'], 'CONFORMANCE_UNKNOWN_VALUE'],
    ['a shard that is none', ['--shard', '0/2'], 'CLI_BAD_VALUE'],
  ])('refuses %s', async (_what, more, code) => {
    const given = more[0] === '--era' ? few.filter((word) => word !== '--era' && word !== 'v6.12') : few;
    const outcome = await run([...given, ...more]);
    expect([outcome.code, errorCode(outcome), outcome.stdout]).toEqual([2, code, '']);
  });

  test.each(['--limit', '--seed'])('%s alone is refused', async (option) => {
    const outcome = await run(['conformance', option, '3']);
    expect([outcome.code, errorCode(outcome)]).toEqual([2, 'CLI_BAD_VALUE']);
  });
});

describe('a handler that goes round for ever', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultpath-hangs-'));
    const text = `import { myfs } from ${JSON.stringify(adapter)};
const forEver = () => { for (;;); };
export const stuck = { ...myfs, name: 'stuck', mount: forEver };
`;
    await writeFile(join(folder, 'stuck.mjs'), text);
  });

  afterAll(() => rm(folder, { recursive: true }));

  const cell = ['stuck', 'dax/001', '--era', 'v6.12'];
  const selection = ['--era', 'v6.12', '--policy', 'as-released', '--case', 'dax/001'];

  test.each([
    ['replay', ['replay', ...cell, '--schedule', 'v1:0']],
    ['export', ['export', ...cell, '--format', 'dot']],
    ['twins', ['conformance', '--twins', ...selection]],
    ['mutants', ['conformance', '--mutants', ...selection]],
  ])('ends %s by code', async (_what, argv) => {
    const outcome = await run([...argv, '--adapter', './stuck.mjs', '--patience', '1'], { cwd: folder });
    expect([outcome.code, errorCode(outcome), outcome.stdout]).toEqual([2, 'CONFORMANCE_ADAPTER_HANGS', '']);
  });
});
