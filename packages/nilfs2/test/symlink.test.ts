import { describe, expect, test } from 'vitest';
import { nilfs2 } from '../src/index.ts';
import { exploreNilfs2 } from './support.ts';

const tasks = [{ kind: 'symlink' }, { kind: 'symlink', directory: 1 }] as const;

describe('symbolic links are made while unlinked inodes are reclaimed', () => {
  test.each(['v4.9', 'v4.10', 'v4.12', 'v5.15'] as const)('%s: their pages have FS, and it deadlocks', (era) => {
    const found = exploreNilfs2({ era, tasks, throttling: true });
    expect(found.verdict).toBe('found');
    const waits = found.deadlocks[0]?.witness.cycle.map(({ name, wants }) => [name, wants?.object.name]);
    expect(new Set(waits?.map((wait) => wait.join(' ')))).toEqual(
      new Set(['symlink-0 pfmemalloc_wait', 'kswapd0 nilfs2.ns_segctor_sem', 'segctord/nilfs2 nilfs2.ns_segctor_sem']),
    );
  });

  test.each(['v6.1', 'v6.12'] as const)('%s: their pages have none, and it does not', (era) => {
    expect(exploreNilfs2({ era, tasks, throttling: true }).verdict).toBe('proved');
  });

  test('what takes it away: nobody throttled, another policy, no inode whose end begins a transaction', () => {
    expect(exploreNilfs2({ era: 'v5.15', tasks }).verdict).toBe('proved');
    expect(exploreNilfs2({ era: 'v5.15', policy: 'scope', tasks, throttling: true }).verdict).toBe('proved');
    const linked = exploreNilfs2({ era: 'v5.15', tasks, throttling: true, victims: [{ kind: 'linked' }] });
    expect(linked.verdict).toBe('proved');
  });

  test('without nesting the task would wait for itself, throttled or not', () => {
    const decisions = { ...nilfs2.decisions, nestsTransactions: false };
    expect(exploreNilfs2({ era: 'v5.15', tasks }, { decisions }).verdict).toBe('found');
    expect(exploreNilfs2({ era: 'v6.1', tasks }, { decisions }).verdict).toBe('proved');
  });

  test('a directory that keeps FS deadlocks like the link, and none does as released', () => {
    const made = [{ kind: 'create' }, { kind: 'mkdir', directory: 1 }] as const;
    expect(exploreNilfs2({ era: 'v6.1', tasks: made, throttling: true }).verdict).toBe('proved');
    const rule = { eras: ['v6.1'], without: '__GFP_HIGHMEM', at: 'a twin', because: 'FS is left in' } as const;
    const change = { mappingGfpByKind: { ...nilfs2.mappingGfpByKind, directory: [rule] } };
    expect(exploreNilfs2({ era: 'v6.1', tasks: made, throttling: true }, change).verdict).toBe('found');
  });
});
