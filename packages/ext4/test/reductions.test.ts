import { describe, expect, test } from 'vitest';
import { exploreExt4, read, write } from './support.ts';

const truncate = { kind: 'truncate' } as const;

describe('reductions of the search', () => {
  test.each([
    ['a deadlock', { era: 'v6.1', tasks: [read, write], victims: [{ kind: 'lazytime' }] }, 'found'],
    ['a proof', { era: 'v6.1', tasks: [write, write, truncate], victims: [{ kind: 'orphan' }] }, 'proved'],
    ['an old proof', { era: 'v4.9', tasks: [read, write], victims: [{ kind: 'linked' }] }, 'proved'],
    ['an old deadlock', { era: 'v4.9', tasks: [write, write], victims: [{ kind: 'data-journal' }] }, 'found'],
  ] as const)('%s stays what it is without them', (_what, given, verdict) => {
    const full = exploreExt4(given, { persistentSets: false, symmetry: false, minimise: false });
    const reduced = exploreExt4(given);
    expect(full.verdict).toBe(verdict);
    expect(reduced.verdict).toBe(verdict);
    if (verdict === 'proved') expect(reduced.states).toBeLessThan(full.states);
  });
});

describe('one unused inode, or as many as reclaim wants', () => {
  test('say the same of the deadlock and of its absence', () => {
    for (const supply of ['one', 'any'] as const) {
      const victims = [{ kind: 'lazytime', supply }];
      expect(exploreExt4({ era: 'v6.1', tasks: [read, write], victims }).verdict).toBe('found');
      expect(exploreExt4({ era: 'v6.1', tasks: [write, write], victims }).verdict).toBe('proved');
    }
  });
});
