import { runConformance } from '@faultpath/conformance';
import { policyNames } from '@faultpath/mm';
import { expect, test } from 'vitest';
import { adapters } from '../src/index.ts';

// A huge fault of v4.10 builds a mask of its own, and asks for the name of the policy: core is not what was released.
test('policies share a model only where it sees no difference between them', async () => {
  const selection = { adapters, fs: ['xfs'], era: ['v4.10'], case: ['dax/011'] } as const;
  const together = await runConformance(selection);
  expect(together.map(({ result }) => result.policy)).toEqual([...policyNames]);
  for (const { result } of together) {
    const [alone] = await runConformance({ ...selection, policy: [result.policy] });
    expect(alone?.result.system).toBe(result.system);
  }
  const systems = new Map(together.map(({ result }) => [result.policy, result.system]));
  expect(systems.get('core')).not.toBe(systems.get('as-released'));
  expect(systems.get('core')).toBe(systems.get('draft-pmd'));
});
