import { describe, expect, test } from 'vitest';
import { createMasks, eraNames, eras, isCounterfactual, policies, policyNames } from '../src/index.ts';

describe('eras', () => {
  test('every fact says where it was read and has a value in every era', () => {
    for (const name of eraNames) {
      for (const [key, fact] of Object.entries(eras[name])) {
        if (key === 'name' || key === 'kernel') continue;
        expect(fact, `${name} ${key}`).toMatchObject({ at: expect.stringMatching(/^[a-z].*\.[ch] \w+$/) });
        expect((fact as { is: unknown }).is, `${name} ${key}`).toBeDefined();
      }
    }
  });

  test('the NOFS scope came with v4.12, and handles took it at once', () => {
    expect(eraNames.filter((name) => eras[name].nofsScope.is)).toEqual(['v4.12', 'v5.15', 'v6.1', 'v6.12']);
    expect(eraNames.filter((name) => eras[name].jbd2HandleScope.is)).toEqual(['v4.12', 'v5.15', 'v6.1', 'v6.12']);
  });
});

describe('policies', () => {
  test('as released is never counterfactual, and what the mails proposed always is', () => {
    for (const era of eraNames) {
      expect(isCounterfactual(era, 'as-released')).toBe(false);
      expect(isCounterfactual(era, 'jiang')).toBe(true);
      expect(isCounterfactual(era, 'chinner')).toBe(true);
    }
    expect(policyNames.filter((name) => !isCounterfactual('v4.10', name))).toEqual([
      'as-released',
      'core',
      'merged-4.10-pmd',
    ]);
    expect(isCounterfactual('v4.9', 'scope')).toBe(true);
  });

  test('every policy stands under its own name', () => {
    for (const name of policyNames) expect(policies[name].name).toBe(name);
  });
});

describe('masks', () => {
  const masks = createMasks(eras['v6.1']);
  const kernel = masks.of('GFP_KERNEL');

  test('a NOFS scope takes FS, a NOIO scope IO and FS, none nothing', () => {
    expect(masks.effective(kernel, { nofs: true, noio: false })).toBe(masks.of('GFP_NOFS'));
    expect(masks.effective(kernel, { nofs: true, noio: true })).toBe(masks.of('GFP_NOIO'));
    expect(masks.effective(kernel, { nofs: false, noio: false })).toBe(kernel);
  });

  test('only a mask that may sleep and has FS enters a filesystem', () => {
    expect(masks.mayEnterFs(kernel)).toBe(true);
    expect(masks.mayEnterFs(masks.of('GFP_NOFS'))).toBe(false);
    expect(masks.mayEnterFs(masks.of('GFP_ATOMIC'))).toBe(false);
    expect(masks.mayEnterFs(masks.of('__GFP_FS'))).toBe(false);
  });

  test('what a tree node keeps of a page mask is how to reclaim', () => {
    const node = masks.only(masks.without(masks.of('GFP_HIGHUSER_MOVABLE'), '__GFP_HIGHMEM'), 'RECLAIM');
    expect(masks.fact(node, 'derived').text).toBe('GFP_KERNEL');
  });
});
