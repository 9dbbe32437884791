import { describe, expect, test } from 'vitest';
import { runConformance, runTwins } from '../src/index.ts';
import { changeSteps } from '../src/twins/interpose.ts';
import { neverTakes } from '../src/twins/mutations.ts';
import { oneCell, tiny } from './tinyfs.ts';

describe('twins', () => {
  test('are each caught by the rule they name, or make no difference', () => {
    const twins = runTwins({ adapters: [tiny], ...oneCell, case: ['dax/001', 'dax/002'] });
    expect(twins.map(({ twin }) => twin)).toContain('keeps-invalidate-lock');
    for (const twin of twins) expect(twin).toMatchObject({ asExpected: true });
    const harmless = twins.filter(({ verdict }) => verdict === 'harmless');
    expect(harmless.map(({ twin }) => twin)).toEqual(['reclaim-said-twice', 'reclaim-said-twice']);
  });

  test('of what cannot be run there are none', () => {
    expect(runTwins({ adapters: [tiny], ...oneCell, case: ['dax/004'] })).toEqual([]);
  });
});

describe('an adapter with other steps', () => {
  const systemOf = async (adapter: typeof tiny) => {
    const [outcome] = await runConformance({ adapters: [adapter], ...oneCell, case: ['dax/001'] });
    return outcome?.result.system;
  };

  test('that are the same steps is the same adapter', async () => {
    expect(await systemOf(changeSteps(tiny, () => undefined))).toBe(await systemOf(tiny));
  });

  test('is another where a lock is gone, however deep it was taken', async () => {
    expect(await systemOf(neverTakes(tiny, 'map_lock'))).not.toBe(await systemOf(tiny));
    expect(await systemOf(neverTakes(tiny, 'dax_entry'))).not.toBe(await systemOf(tiny));
  });
});
