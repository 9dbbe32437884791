import { runConformance } from '@faultpath/conformance';
import { policyNames } from '@faultpath/mm';
import { expect, test } from 'vitest';
import { tiny } from './tinyfs.ts';

test('policies of one effect share an exploration, and it is what each would have found alone', async () => {
  const selection = { adapters: [tiny], era: ['v6.1'], case: ['dax/002'] };
  const together = await runConformance(selection);
  expect(together.map(({ result }) => result.policy)).toEqual([...policyNames]);
  for (const { result } of together) {
    const [alone] = await runConformance({ ...selection, policy: [result.policy] });
    expect(alone?.result.system).toBe(result.system);
    expect(alone?.result.states).toBe(result.states);
    expect(alone?.result.findings.map((finding) => finding.claim)).toEqual(
      result.findings.map((finding) => finding.claim),
    );
  }
  expect(new Set(together.map(({ result }) => result.system)).size).toBeGreaterThan(1);
});
