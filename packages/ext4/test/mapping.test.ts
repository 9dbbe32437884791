import { describe, expect, test } from 'vitest';
import { eventsOf, exploreExt4, read, write } from './support.ts';

const copy = { ...write, mapping: 'private' } as const;
const upgrade = { ...write, pageTable: 'read-only' } as const;
const lazytime = [{ kind: 'lazytime' }] as const;

const locks = (told: ReturnType<typeof eventsOf>): ReadonlySet<string> =>
  new Set(told.flatMap(({ event }) => (event.type === 'lock' ? [event.lock] : [])));
const sites = (told: ReturnType<typeof eventsOf>): ReadonlySet<string> =>
  new Set(told.flatMap(({ event }) => (event.type === 'alloc' ? [event.site] : [])));

describe('a write to a private mapping', () => {
  test('only reads the file: no freeze protection and no handle, and a page to copy to', () => {
    const told = eventsOf(exploreExt4({ era: 'v6.1', tasks: [copy] }));
    expect(locks(told)).toContain('invalidate_lock');
    expect(locks(told)).not.toContain('sb_pagefaults');
    expect(locks(told)).not.toContain('jbd2_handle');
    expect(sites(told)).toContain('do_cow_fault');
    expect(sites(eventsOf(exploreExt4({ era: 'v6.1', tasks: [write] })))).not.toContain('do_cow_fault');
  });

  test('uses the page-table page made beforehand, so that it does not hang where a read does', () => {
    expect(exploreExt4({ era: 'v6.1', tasks: [read, write], victims: lazytime }).verdict).toBe('found');
    expect(exploreExt4({ era: 'v6.1', tasks: [copy, write], victims: lazytime }).verdict).toBe('proved');
  });
});

describe('a write to a page that is mapped read-only', () => {
  test('does all that a write does but for the page table', () => {
    const told = eventsOf(exploreExt4({ era: 'v6.1', tasks: [upgrade] }));
    for (const lock of ['sb_pagefaults', 'invalidate_lock', 'jbd2_handle', 'dax_entry']) {
      expect(locks(told)).toContain(lock);
    }
    expect(sites(told)).not.toContain('pte_alloc_one');
    expect(sites(eventsOf(exploreExt4({ era: 'v6.1', tasks: [write] })))).toContain('pte_alloc_one');
  });

  test('does not hang in its MAP_SYNC form, where one that needs a page-table page does', () => {
    const hangs = (task: object) =>
      exploreExt4({ era: 'v6.1', tasks: [{ ...write, sync: true, ...task }, write], victims: lazytime }).verdict;
    expect(hangs({})).toBe('found');
    expect(hangs({ pageTable: 'read-only' })).toBe('proved');
  });
});
