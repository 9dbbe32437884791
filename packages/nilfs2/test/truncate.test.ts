import { describe, expect, test } from 'vitest';
import { nilfs2 } from '../src/index.ts';
import { exploreNilfs2 } from './support.ts';

const read = { kind: 'read-fault' } as const;
const write = { kind: 'write-fault' } as const;
const truncate = { kind: 'truncate' } as const;
const fsync = { kind: 'fsync' } as const;

describe('a file is truncated, or made durable, while it is faulted on', () => {
  test.each(['v4.9', 'v5.15', 'v6.12'] as const)('%s: reads end, as their page table has its page before', (era) => {
    expect(exploreNilfs2({ era, tasks: [read, truncate] }).verdict).toBe('proved');
    expect(exploreNilfs2({ era, tasks: [read, fsync] }).verdict).toBe('proved');
  });

  test.each(['v5.15', 'v6.12'] as const)('%s: writes end', (era) => {
    expect(exploreNilfs2({ era, tasks: [write, truncate], throttling: true }).verdict).toBe('proved');
    expect(exploreNilfs2({ era, tasks: [write, fsync], throttling: true }).verdict).toBe('proved');
  });

  test('v4.9: an fsync locks the dirty page as the constructor does, and waits for the same fault', () => {
    const found = exploreNilfs2({ era: 'v4.9', tasks: [write, fsync] });
    expect(found.verdict).toBe('found');
    const decisions = { ...nilfs2.decisions, constructorLocksPages: false };
    expect(exploreNilfs2({ era: 'v4.9', tasks: [write, fsync] }, { decisions }).verdict).toBe('proved');
  });

  test('v4.9: a truncate waits for the page with its transaction open, also where the constructor locks none', () => {
    const decisions = { ...nilfs2.decisions, constructorLocksPages: false };
    const found = exploreNilfs2({ era: 'v4.9', tasks: [write, truncate] }, { decisions });
    expect(found.verdict).toBe('found');
    const cycle = found.deadlocks[0]?.witness.cycle ?? [];
    expect(cycle.map(({ name }) => name)).toContain('truncate-1');
    expect(exploreNilfs2({ era: 'v4.9', tasks: [write] }, { decisions }).verdict).toBe('proved');
  });
});
