import { cases, type PlannedCell, planCells } from '@faultpath/conformance';
import { compileSystem, systemKey } from '@faultpath/engine';
import { buildFaultModel, createFaultModels, type EraName, type FaultModels } from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { adapters, cases as crossCases } from '../src/index.ts';

/** By filesystem and case: its cells under every policy, of which some look at what others don't. */
function cellsOf(era: EraName): Map<string, PlannedCell[]> {
  const planned = planCells({ adapters, cases: [...cases, ...crossCases], era: [era] });
  const groups = new Map<string, PlannedCell[]>();
  for (const cell of planned) {
    const { subject, setting } = cell;
    if (subject.examine !== undefined || subject.requires(setting) !== undefined) continue;
    const key = `${setting.fs.name} ${subject.id}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return groups;
}

describe.each<EraName>(['v4.10', 'v6.1'])('policies on one machine, in %s', (era) => {
  const groups = cellsOf(era);

  test('there are such cells', () => {
    expect(groups.size).toBeGreaterThan(15);
  });

  test.each([...groups])('%s: each model is the one that the policy has alone', (_, cells) => {
    const known = new Map<string, FaultModels>();
    for (const { subject, setting } of cells) {
      const scenario = subject.scenario(setting);
      const key = JSON.stringify({ ...scenario, policy: undefined });
      const models = known.get(key) ?? createFaultModels(scenario);
      known.set(key, models);
      const shared = compileSystem(models.under(setting.policy).model);
      expect(systemKey(shared)).toBe(systemKey(compileSystem(buildFaultModel(scenario))));
    }
  });
});
