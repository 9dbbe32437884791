import { runConformance } from '@faultpath/conformance';
import { adapters, cases, expectations } from '@faultpath/integration';
import { expect, test } from 'vitest';

test('delayed allocation is in the table: what is known of it, and what takes it away', async () => {
  const outcomes = await runConformance({ adapters, cases, expectations, fs: ['ext4'], case: ['ext4'] });
  const run = outcomes.filter(({ result }) => result.verdict !== 'notrun');
  const cells = (verdict: string): string[] =>
    run.flatMap(({ result }) => (result.verdict === verdict ? [`${result.case} ${result.era} ${result.policy}`] : []));
  expect(cells('xfail')).toEqual(
    ['v6.1', 'v6.12'].flatMap((era) => [`ext4/001 ${era} as-released`, `ext4/001 ${era} chinner+ext4`]),
  );
  expect(run.length - cells('xfail').length).toBe(cells('pass').length);
  expect(cells('pass')).toContain('ext4/002 v6.1 as-released');
  expect(cells('pass')).toContain('ext4/001 v5.15 as-released');
  for (const { result } of run)
    expect(result.link).toBe(result.verdict === 'xfail' ? 'docs/findings/candidate-c1.md' : undefined);
});
