import { explore } from '@faultpath/engine';
import { buildFaultModel, defineFilesystem, type FaultCase, type PolicyName } from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { type Ext4Decision, ext4, ext4Decisions } from '../src/index.ts';
import { eventsOf, exploreExt4, read, write } from './support.ts';

const hugeRead = { ...read, size: 'pmd' } as const;
const hugeWrite = { ...write, size: 'pmd' } as const;
const lazytime = [{ kind: 'lazytime' }];

describe('a read of a hole of 2 MiB against a write of one page', () => {
  const found = exploreExt4({ era: 'v6.1', tasks: [hugeRead, hugeWrite], victims: lazytime });

  test('is the deadlock of the page-table page in another allocation: the huge zero page', () => {
    expect(found.verdict).toBe('found');
    const reader = found.deadlocks[0]?.witness.cycle.find(({ name }) => name === 'read-fault-0');
    expect(reader?.backtrace).toContain('dax_pmd_load_hole');
    expect(reader?.backtrace).toContain('try_to_free_pages');
    expect(reader?.holds.map(({ object }) => object.name)).toContain('ext4/inode0.page0.entry');
  });

  test('is allocated with FS under the entry lock, by no mapping mask', () => {
    const masks = (policy: PolicyName) =>
      eventsOf(exploreExt4({ era: 'v6.1', policy, tasks: [hugeRead] })).flatMap(({ event }) =>
        event.type === 'alloc' && event.site === 'mm_get_huge_zero_page' ? [event.effective.fs] : [],
      );
    for (const policy of ['core', 'jiang', 'chinner+ext4', 'merged-4.10-pmd'] as const)
      expect(masks(policy)).toEqual([true]);
  });

  test('goes away with ordinary inodes, and between two writes', () => {
    const verdict = (tasks: FaultCase['tasks'], kind: string) =>
      exploreExt4({ era: 'v6.1', tasks, victims: [{ kind }] }).verdict;
    expect(verdict([hugeRead, hugeWrite], 'linked')).toBe('proved');
    expect(verdict([hugeWrite, hugeWrite], 'lazytime')).toBe('proved');
    expect(verdict([hugeWrite, write], 'lazytime')).toBe('proved');
  });

  test('is cured by a scope in the read fault, and not by the preallocated page-table page', () => {
    const verdict = (change: Partial<FaultCase>, decide: Partial<Record<Ext4Decision, boolean>> = {}) => {
      const filesystem = defineFilesystem({ ...ext4, decisions: { ...ext4Decisions, ...decide } });
      const given = { era: 'v6.1', filesystem, tasks: [hugeRead, write], victims: lazytime } as const;
      return explore(buildFaultModel({ ...given, ...change })).verdict;
    };
    expect(verdict({})).toBe('found');
    expect(verdict({ changes: ['use-preallocated-pte'] })).toBe('found');
    expect(verdict({ changes: ['lazytime-stays-in-reclaim'] })).toBe('proved');
    expect(verdict({}, { readFaultScope: true })).toBe('proved');
  });
});

describe('eras', () => {
  test('v4.9 has no faults of 2 MiB, v4.10 has them without the deadlock, later ones with it', () => {
    const verdict = (era: FaultCase['era']) =>
      exploreExt4({ era, tasks: [hugeRead, write], victims: lazytime }).verdict;
    expect(() => verdict('v4.9')).toThrow(expect.objectContaining({ code: 'MM_TASK_UNSUPPORTED' }));
    expect(verdict('v4.10')).toBe('proved');
    for (const era of ['v4.12', 'v5.15', 'v6.1', 'v6.12'] as const) expect(verdict(era)).toBe('found');
  });

  test('up to v4.12 an entry of one page that replaces a huge one allocates its node with the old entry locked', () => {
    const held = (era: FaultCase['era']) =>
      eventsOf(exploreExt4({ era, tasks: [hugeRead, read] })).filter(
        ({ event, backtrace }) =>
          event.type === 'alloc' && event.site === '__radix_tree_preload' && backtrace.includes('grab_mapping_entry'),
      ).length;
    expect(held('v4.12')).toBeGreaterThan(0);
    expect(held('v6.1')).toBe(0);
  });
});

describe('the mask that a fault of 2 MiB builds for itself', () => {
  const stores = (era: FaultCase['era'], policy: PolicyName) =>
    eventsOf(exploreExt4({ era, policy, tasks: [hugeRead] })).flatMap(({ event }) =>
      event.type === 'mask-store' ? [event.to.fs] : [],
    );

  test('is built in v4.10, and by the policies about it', () => {
    expect(stores('v4.10', 'as-released')).toEqual([true]);
    expect(stores('v6.1', 'as-released')).toEqual([]);
    expect(stores('v6.1', 'draft-pmd')).toEqual([true]);
    expect(stores('v6.1', 'merged-4.10-pmd')).toEqual([true]);
  });

  test('differs between the draft and what was merged only where the filesystem declares something', () => {
    const declares = defineFilesystem({
      ...ext4,
      mappingGfp: { without: '__GFP_FS', at: 'ext4_set_inode_flags', because: 'tried' },
    });
    const masks = (policy: PolicyName) =>
      eventsOf(explore(buildFaultModel({ era: 'v4.10', filesystem: declares, policy, tasks: [hugeRead] })));
    const stored = (policy: PolicyName) =>
      masks(policy).flatMap(({ event }) => (event.type === 'mask-store' ? [event.to.fs] : []));
    expect(stored('draft-pmd')).toEqual([true]);
    expect(stored('merged-4.10-pmd')).toEqual([false]);
    const allocated = (policy: PolicyName) =>
      masks(policy).flatMap(({ event }) => (event.type === 'alloc' ? [`${event.site} ${event.effective.text}`] : []));
    expect(allocated('draft-pmd')).toEqual(allocated('merged-4.10-pmd'));
  });
});

test('every fault on the file is on the page that stands for the 2 MiB', () => {
  const across = () => exploreExt4({ era: 'v6.1', tasks: [hugeRead, { ...write, page: 1 }] });
  expect(across).toThrow(expect.objectContaining({ code: 'MM_BOUND' }));
});

test.each(['v4.10', 'v4.12', 'v6.1'] as const)('%s: truncate waits for a huge entry and takes it away', (era) => {
  const tasks = [hugeRead, hugeWrite, write, { kind: 'truncate' }] as const;
  expect(exploreExt4({ era, tasks, victims: [{ kind: 'linked' }] }).verdict).toBe('proved');
});

test('the second half of a MAP_SYNC write of 2 MiB allocates a page-table page only where it fell back', () => {
  const finished = eventsOf(exploreExt4({ era: 'v6.1', tasks: [{ ...hugeWrite, sync: true }] })).filter(
    ({ event, backtrace }) => event.type === 'alloc' && backtrace.includes('dax_finish_sync_fault'),
  );
  expect(finished.length).toBeGreaterThan(0);
  for (const { backtrace } of finished) expect(backtrace).toContain('do_fault');
});
