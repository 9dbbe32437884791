import { describe, expect, test } from 'vitest';
import { nilfs2 } from '../src/index.ts';
import { exploreNilfs2 } from './support.ts';

const write = { kind: 'write-fault' } as const;

describe('write faults while unlinked inodes are reclaimed', () => {
  test.each(['v4.9', 'v4.10', 'v4.12'] as const)('%s: the page is locked when the page table gets its page', (era) => {
    const found = exploreNilfs2({ era, tasks: [write] });
    expect(found.verdict).toBe('found');
    const cycle = found.deadlocks[0]?.witness.cycle ?? [];
    expect(new Set(cycle.map(({ name, wants }) => `${name} ${wants?.object.name}`))).toEqual(
      new Set(['write-fault-0 nilfs2.ns_segctor_sem', 'segctord/nilfs2 nilfs2/inode0.page0.lock']),
    );
    expect(cycle.find(({ name }) => name === 'write-fault-0')?.backtrace).toContain('finish_fault');
  });

  test.each(['v5.15', 'v6.1', 'v6.12'] as const)('%s: it was allocated before', (era) => {
    expect(exploreNilfs2({ era, tasks: [write, write], throttling: true }).verdict).toBe('proved');
  });

  test('what takes it away: a page-table page that is there, a constructor that locks no page, a scope', () => {
    const era = 'v4.9';
    expect(exploreNilfs2({ era, tasks: [{ ...write, pageTable: 'present' }] }).verdict).toBe('proved');
    const decisions = { ...nilfs2.decisions, constructorLocksPages: false };
    expect(exploreNilfs2({ era, tasks: [write] }, { decisions }).verdict).toBe('proved');
    expect(exploreNilfs2({ era, tasks: [{ ...write, scope: 'nofs' }] }).verdict).toBe('proved');
  });

  test('read faults lock no dirty page', () => {
    expect(exploreNilfs2({ era: 'v4.9', tasks: [{ kind: 'read-fault' }] }).verdict).toBe('proved');
  });
});
