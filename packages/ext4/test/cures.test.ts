import { type Exploration, explore } from '@faultpath/engine';
import { buildFaultModel, defineFilesystem, type FaultCase, type TaskSpec } from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { type Ext4Decision, ext4, ext4Decisions } from '../src/index.ts';
import { read, write } from './support.ts';

const syncWrite = { ...write, sync: true } as const;
const reclaimed = ['lazytime', 'dontcache-dirty', 'orphan'] as const;

function verdict(
  tasks: readonly TaskSpec[],
  kind: string,
  change: Partial<FaultCase> & { decide?: Partial<Record<Ext4Decision, boolean>> },
): Exploration['verdict'] {
  const { decide, ...more } = change;
  const filesystem = defineFilesystem({ ...ext4, decisions: { ...ext4Decisions, ...decide } });
  return explore(buildFaultModel({ era: 'v6.1', filesystem, tasks, victims: [{ kind }], ...more })).verdict;
}

describe('cures of the deadlock of v6.1', () => {
  test.each(reclaimed)('a scope in the read fault cures the read form by %s, not the MAP_SYNC form', (kind) => {
    expect(verdict([read, write], kind, {})).toBe('found');
    expect(verdict([read, write], kind, { decide: { readFaultScope: true } })).toBe('proved');
    expect(verdict([syncWrite, write], kind, { decide: { readFaultScope: true } })).toBe('found');
  });

  test.each(reclaimed)('a scope in both halves cures both forms by %s', (kind) => {
    const decide = { readFaultScope: true, syncFaultScope: true };
    expect(verdict([syncWrite, write], kind, { decide })).toBe('proved');
    expect(verdict([read, syncWrite], kind, { decide })).toBe('proved');
  });

  test.each(reclaimed)('using the preallocated page-table page cures the read form by %s', (kind) => {
    expect(verdict([read, write], kind, { changes: ['use-preallocated-pte'] })).toBe('proved');
    expect(verdict([syncWrite, write], kind, { changes: ['use-preallocated-pte'] })).toBe('proved');
  });

  test('leaving lazy timestamps alone in reclaim cures that kind and no other', () => {
    const changes = ['lazytime-stays-in-reclaim'] as const;
    expect(verdict([read, write], 'lazytime', { changes })).toBe('proved');
    expect(verdict([read, write], 'orphan', { changes })).toBe('found');
    expect(verdict([read, write], 'dontcache-dirty', { changes })).toBe('found');
  });

  test('a mask declared at inode setup does not', () => {
    expect(verdict([read, write], 'lazytime', { policy: 'chinner+ext4' })).toBe('found');
  });
});

describe('twins', () => {
  test('a fault without the lock that keeps truncate away still ends, and still leaves truncate waiting for the entry only', () => {
    const decide = { faultTakesInvalidateLock: false };
    expect(verdict([write, { kind: 'truncate' }], 'linked', { decide })).toBe('proved');
  });

  test('a handle inside the entry lock inverts the order with itself only through a locked transaction', () => {
    expect(verdict([write, write], 'linked', { decide: { handleAroundDax: false } })).toBe('proved');
  });
});

describe('the second attempt of the extent status cache, with the entry locked too (v6.1)', () => {
  const failing = { allocationFailure: true };

  test('is the same deadlock where the page table is complete, in v6.1 and not in v5.15', () => {
    const present = { ...read, pageTable: 'present' } as const;
    expect(verdict([present, write], 'lazytime', {})).toBe('proved');
    expect(verdict([present, write], 'lazytime', failing)).toBe('found');
    expect(verdict([present, write], 'lazytime', { ...failing, policy: 'chinner+ext4' })).toBe('found');
    expect(verdict([present, write], 'lazytime', { ...failing, era: 'v5.15' })).toBe('proved');
  });

  test('is cured there by asking without __GFP_FS, which leaves the page-table page', () => {
    const decide = { esRetryNofs: true };
    const present = { ...read, pageTable: 'present' } as const;
    expect(verdict([present, write], 'lazytime', { ...failing, decide })).toBe('proved');
    expect(verdict([read, write], 'lazytime', { ...failing, decide })).toBe('found');
  });

  test('is left by the preallocated page-table page, and cured by a scope in the read fault', () => {
    expect(verdict([read, write], 'lazytime', { ...failing, changes: ['use-preallocated-pte'] })).toBe('found');
    expect(verdict([read, write], 'lazytime', { ...failing, decide: { readFaultScope: true } })).toBe('proved');
  });

  test('is cured in every form by a scope in both halves, whatever reclaim takes', () => {
    const change = {
      ...failing,
      victims: reclaimed.map((kind) => ({ kind })),
      decide: { readFaultScope: true, syncFaultScope: true },
    };
    const huge = { ...read, size: 'pmd' } as const;
    for (const tasks of [
      [read, write],
      [syncWrite, write],
      [syncWrite, read],
      [huge, write],
    ])
      expect(verdict(tasks, 'lazytime', change)).toBe('proved');
  });
});
