import { cases, runCell, runConformance } from '@faultpath/conformance';
import { rules } from '@faultpath/lockdep';
import { eraNames } from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { adapters, expectations } from '../src/index.ts';

const paged = adapters.filter(({ supports }) => supports.page_cache === true);
const pageCases = cases.filter(({ id }) => id.startsWith('page/'));

describe('faults through the page cache', () => {
  test.each(['as-released', 'scope'])(
    'policy %s: what fails is what is expected to',
    async (policy) => {
      const outcomes = await runConformance({
        adapters: paged,
        expectations,
        policy: [policy],
        case: pageCases.map(({ id }) => id),
      });
      expect(outcomes).toHaveLength(paged.length * eraNames.length * pageCases.length);
      const wrong = outcomes.filter(({ result }) => !['pass', 'xfail'].includes(result.verdict));
      expect(wrong.map(({ result }) => `${result.fs} ${result.era} ${result.case} ${result.verdict}`)).toEqual([]);
      expect(Math.max(...outcomes.map(({ result }) => result.states))).toBeLessThan(1_000_000);
    },
    300_000,
  );

  test('every twin is caught by its rule, or makes no difference', () => {
    let judged = 0;
    for (const subject of pageCases) {
      for (const fs of paged) {
        for (const era of ['v4.9', 'v6.1'] as const) {
          const setting = { fs, era, policy: 'as-released' } as const;
          for (const twin of subject.twins.filter(({ applies }) => applies?.(setting) ?? true)) {
            const mutated = twin.mutate(setting);
            if (mutated === undefined) continue;
            const run = (each: typeof fs) =>
              runCell(subject, { ...setting, fs: each }, { rules, maxStates: 1_000_000 }, new Map()).result;
            const found = run(mutated).findings.filter(({ level }) => level === 'error');
            if (twin.caughtBy === null) expect(found).toEqual([]);
            else expect(found.map(({ rule }) => rule)).toContain(twin.caughtBy);
            // Some cells fail by themselves in old releases, and are expected to; not by the rule that a twin is there for.
            expect(run(fs).findings.map(({ rule }) => rule)).not.toContain(twin.caughtBy);
            judged += 1;
          }
        }
      }
    }
    expect(judged).toBeGreaterThanOrEqual(6);
  }, 300_000);
});
