import { describe, expect, test } from 'vitest';
import { eventsOf, exploreExt4, read, write } from './support.ts';

const journalled = [{ kind: 'data-journal' }];

describe('write faults of v4.9', () => {
  test('deadlock with themselves: evict waits for a commit that waits for the handle', () => {
    const found = exploreExt4({ era: 'v4.9', tasks: [write, write], victims: journalled });
    expect(found.verdict).toBe('found');
    const cycle = found.deadlocks[0]?.witness.cycle ?? [];
    expect(cycle.map(({ backtrace }) => backtrace[0]).sort()).toEqual([
      'jbd2_journal_wait_updates',
      'jbd2_log_wait_commit',
    ]);
  });

  test('do not with inodes that start a handle: it nests in the open one', () => {
    const nested = exploreExt4({
      era: 'v4.9',
      tasks: [write, write],
      victims: [{ kind: 'lazytime' }, { kind: 'orphan' }, { kind: 'quota' }],
    });
    expect(nested.verdict).toBe('proved');
  });

  test('nor do read faults with journalled data: they have no handle', () => {
    expect(exploreExt4({ era: 'v4.9', tasks: [read, read], victims: journalled }).verdict).toBe('proved');
  });

  test('no policy for the mask cures them, a scope does', () => {
    for (const policy of ['core', 'jiang', 'chinner', 'chinner+ext4'] as const) {
      expect(exploreExt4({ era: 'v4.9', policy, tasks: [write, write], victims: journalled }).verdict).toBe('found');
    }
    expect(exploreExt4({ era: 'v4.9', policy: 'scope', tasks: [write, write], victims: journalled }).verdict).toBe(
      'proved',
    );
    expect(exploreExt4({ era: 'v4.12', tasks: [write, write], victims: journalled }).verdict).toBe('proved');
  });
});

describe('what is left of them where ext4 declares a mask and it is obeyed', () => {
  test('is the page-table page: where it is there already, only that policy cures them, beside a scope', () => {
    const present = { ...write, pageTable: 'present' } as const;
    const verdict = (policy: 'core' | 'jiang' | 'chinner' | 'chinner+ext4' | 'scope') =>
      exploreExt4({ era: 'v4.9', policy, tasks: [present, present], victims: journalled }).verdict;
    for (const policy of ['core', 'jiang', 'chinner'] as const) expect(verdict(policy)).toBe('found');
    for (const policy of ['chinner+ext4', 'scope'] as const) expect(verdict(policy)).toBe('proved');
  });
});

describe('masks of v4.9', () => {
  const allocations = (policy: 'core' | 'jiang' | 'chinner' | 'chinner+ext4') =>
    eventsOf(exploreExt4({ era: 'v4.9', policy, tasks: [read] })).flatMap(({ event, backtrace }) =>
      event.type === 'alloc' ? [{ ...event, backtrace }] : [],
    );

  test('the hole page takes vmf->gfp_mask, the node of an entry the mapping mask, the page table neither', () => {
    const text = (site: string, policy: 'core' | 'jiang' | 'chinner' | 'chinner+ext4') =>
      allocations(policy).find((alloc) => alloc.site === site)?.requested;
    expect(text('find_or_create_page', 'core')?.fs).toBe(true);
    expect(text('find_or_create_page', 'jiang')?.fs).toBe(false);
    expect(text('find_or_create_page', 'chinner')?.fs).toBe(true);
    expect(text('find_or_create_page', 'chinner+ext4')?.fs).toBe(false);
    expect(text('__radix_tree_preload', 'jiang')?.fs).toBe(true);
    expect(text('__radix_tree_preload', 'chinner+ext4')?.fs).toBe(false);
    expect(text('pte_alloc_one', 'chinner+ext4')?.fs).toBe(true);
    expect(text('pte_alloc_one', 'core')?.text).toBe('GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_NOTRACK');
  });

  test('clearing and restoring is told, and only by the policy that does it', () => {
    const stores = (policy: 'core' | 'jiang') =>
      eventsOf(exploreExt4({ era: 'v4.9', policy, tasks: [read] })).flatMap(({ event }) =>
        event.type === 'mask-store' ? [event.to.fs] : [],
      );
    expect(stores('jiang')).toEqual([false, true]);
    expect(stores('core')).toEqual([]);
  });
});
