import { eraNames, type FaultCase } from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { exploreExt4, read, write } from './support.ts';

const freeze = { kind: 'freeze' } as const;
const kswapd = { kind: 'kswapd' } as const;
const orphan = [{ kind: 'orphan' }];

describe('reclaim against a thaw', () => {
  const verdict = (given: Omit<FaultCase, 'filesystem'>) => exploreExt4(given).verdict;

  test.each(eraNames)('%s: hangs by an unlinked inode, in a read fault and in kswapd', (era) => {
    expect(verdict({ era, tasks: [read, freeze], victims: orphan })).toBe('found');
    expect(verdict({ era, tasks: [kswapd, freeze], victims: orphan })).toBe('found');
  });

  test('the shrinker has s_umount, the frozen filesystem freeze level 3', () => {
    const found = exploreExt4({ era: 'v6.1', tasks: [kswapd, freeze], victims: orphan });
    const waits = found.deadlocks[0]?.witness.cycle.map(({ name, wants }) => `${name} ${wants?.object.name}`);
    expect(waits?.toSorted()).toEqual(['freeze-1 ext4.s_umount', 'kswapd0 ext4.sb_internal']);
  });

  test('does not by any other kind', () => {
    for (const kind of ['linked', 'lazytime', 'dontcache-dirty'])
      expect(verdict({ era: 'v6.1', tasks: [read, kswapd, freeze], victims: [{ kind }] })).toBe('proved');
  });

  test('does not where the shrinker leaves a frozen filesystem alone; a scope in the fault is no help to kswapd', () => {
    const changes = ['reclaim-leaves-frozen-alone'] as const;
    for (const tasks of [
      [read, kswapd, freeze],
      [write, kswapd, freeze],
    ])
      expect(verdict({ era: 'v6.1', tasks, victims: orphan, changes })).toBe('proved');
    const scoped = [{ ...read, scope: 'nofs' }, kswapd, freeze] as const;
    expect(verdict({ era: 'v6.1', tasks: scoped, victims: orphan })).toBe('found');
  });
});
