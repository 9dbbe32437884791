import { describe, expect, test } from 'vitest';
import { exploreExt4, read, recordedStacks, write } from './support.ts';

const lazytime = [{ kind: 'lazytime' }];

describe('a read fault against a write fault on one page, with lazily timed inodes in reclaim (v6.1)', () => {
  const found = exploreExt4({ era: 'v6.1', tasks: [read, write], victims: lazytime });
  const witness = found.deadlocks[0]?.witness;

  test('ends in the deadlock of the finding', () => {
    expect(found.verdict).toBe('found');
    const waits = witness?.cycle.map(({ name, wants, waitsFor }) => [name, wants?.object.name, waitsFor.length]);
    expect(new Set(waits?.map((wait) => wait.join(' ')))).toEqual(
      new Set([
        'read-fault-0 ext4.journal.transaction 1',
        'jbd2/ext4 ext4.journal.handles 1',
        'write-fault-1 ext4/inode0.page0.entry 1',
      ]),
    );
  });

  test('the reader holds the entry, the writer its handle, the commit the transaction', () => {
    const holds = Object.fromEntries(
      witness?.cycle.map(({ name, holds }) => [name, holds.map(({ object }) => object.name)]) ?? [],
    );
    expect(holds['read-fault-0']).toContain('ext4/inode0.page0.entry');
    expect(holds['read-fault-0']).not.toContain('ext4.journal.handles');
    expect(holds['write-fault-1']).toContain('ext4.journal.handles');
    expect(holds['jbd2/ext4']).toContain('ext4.journal.transaction');
  });

  test('stands where the stock kernel stood', () => {
    const recorded = recordedStacks();
    for (const { backtrace } of witness?.cycle ?? []) {
      const stack = recorded.get(backtrace[0] as string);
      // Below the fault's entry, and below the thread, there is only assembly.
      expect(backtrace).toEqual(stack?.slice(0, backtrace.length));
    }
    expect(witness?.cycle).toHaveLength(recorded.size);
  });
});

describe('what takes the deadlock away', () => {
  test('no lazily timed inode', () => {
    expect(exploreExt4({ era: 'v6.1', tasks: [read, write], victims: [{ kind: 'linked' }] }).verdict).toBe('proved');
    expect(exploreExt4({ era: 'v6.1', tasks: [read, write] }).verdict).toBe('proved');
  });

  test('a NOFS or NOIO scope around the read fault, and not one around the write fault', () => {
    const scoped = (scope: 'nofs' | 'noio') =>
      exploreExt4({ era: 'v6.1', tasks: [{ ...read, scope }, write], victims: lazytime });
    expect(scoped('nofs').verdict).toBe('proved');
    expect(scoped('noio').verdict).toBe('proved');
    const writer = exploreExt4({ era: 'v6.1', tasks: [read, { ...write, scope: 'nofs' }], victims: lazytime });
    expect(writer.verdict).toBe('found');
  });

  test('a page-table page that is there', () => {
    const present = exploreExt4({ era: 'v6.1', tasks: [{ ...read, pageTable: 'present' }, write], victims: lazytime });
    expect(present.verdict).toBe('proved');
  });

  test('faults on different pages, and faults that all write', () => {
    expect(exploreExt4({ era: 'v6.1', tasks: [read, { ...write, page: 1 }], victims: lazytime }).verdict).toBe(
      'proved',
    );
    expect(exploreExt4({ era: 'v6.1', tasks: [write, write], victims: lazytime }).verdict).toBe('proved');
  });

  test('no mapping mask: neither clearing it around the call, nor obeying it, nor declaring it', () => {
    for (const policy of ['jiang', 'chinner', 'chinner+ext4'] as const) {
      expect(exploreExt4({ era: 'v6.1', policy, tasks: [read, write], victims: lazytime }).verdict).toBe('found');
    }
  });
});

describe('where else it is', () => {
  test.each(['v4.9', 'v4.12', 'v5.15', 'v6.1', 'v6.12'] as const)('%s has it', (era) => {
    expect(exploreExt4({ era, tasks: [read, write], victims: lazytime }).verdict).toBe('found');
  });

  test('v4.10 does not: its handle lives only inside iomap_begin, outside the entry lock', () => {
    expect(exploreExt4({ era: 'v4.10', tasks: [read, write], victims: lazytime }).verdict).toBe('proved');
  });

  test('a MAP_SYNC write fault has it without any read', () => {
    const sync = exploreExt4({ era: 'v6.1', tasks: [{ ...write, sync: true }, write], victims: lazytime });
    expect(sync.verdict).toBe('found');
    expect(sync.deadlocks[0]?.witness.cycle.some(({ backtrace }) => backtrace.includes('dax_finish_sync_fault'))).toBe(
      true,
    );
    const linked = exploreExt4({
      era: 'v6.1',
      tasks: [{ ...write, sync: true }, write],
      victims: [{ kind: 'linked' }],
    });
    expect(linked.verdict).toBe('proved');
  });
});
