import { type CellOutcome, runConformance } from '@faultpath/conformance';
import { describe, expect, test } from 'vitest';
import { adapters, expectations } from '../src/index.ts';

/** The table of docs/findings/argument-of-2016.md: who has an allocation with FS under what somebody needs who waits. */
async function shapes(fs: string, era: string, level: 'error' | 'note'): Promise<readonly string[]> {
  const outcomes = await runConformance({
    adapters,
    expectations,
    fs: [fs],
    era: [era],
    policy: ['as-released'],
    case: ['dax/001', 'dax/003', 'dax/004', 'dax/009', 'dax/011'],
  });
  const told = outcomes.flatMap(({ result }: CellOutcome) =>
    result.findings.filter((finding) => finding.rule === 'gfp/fs-recursion' && finding.level === level),
  );
  const short = told.map(({ claim }) => /allocation in (\S+) under ([a-z0-9_]+)/.exec(claim)?.slice(1).join(' under '));
  return [...new Set(short.map(String))].sort();
}

const untilV412 = [
  '__radix_tree_preload under dax_entry',
  'find_or_create_page under dax_entry',
  'pte_alloc_one under dax_entry',
  'pte_alloc_one under folio_lock',
];

describe('an allocation with FS under L, where somebody waits for L with a handle or transaction open', () => {
  test.each([
    ['v4.12', [...untilV412, 'mm_get_huge_zero_page under dax_entry'].sort()],
    ['v5.15', ['mm_get_huge_zero_page under dax_entry', 'pte_alloc_one under dax_entry']],
    ['v6.1', ['mm_get_huge_zero_page under dax_entry', 'pte_alloc_one under dax_entry']],
    ['v6.12', ['mm_get_huge_zero_page under dax_entry', 'pte_alloc_one under dax_entry']],
  ])('ext4 %s has it', async (era, expected) => {
    expect(await shapes('ext4', era, 'error')).toEqual(expected);
  });

  test('ext4 v4.9 has it under the handle itself, too, and v4.10 not at all', async () => {
    expect(await shapes('ext4', 'v4.9', 'error')).toEqual(
      [...untilV412, '__radix_tree_preload under jbd2_handle', 'pte_alloc_one under jbd2_handle'].sort(),
    );
    expect(await shapes('ext4', 'v4.10', 'error')).toEqual([]);
  });

  test.each(['v4.9', 'v4.10', 'v4.12'])(
    'xfs %s has only what takes a freeze, and no schedule closes it',
    async (era) => {
      expect(await shapes('xfs', era, 'error')).toEqual([]);
      expect(await shapes('xfs', era, 'note')).toEqual(['xfs_trans_alloc under sb_internal']);
    },
  );

  test.each(['v5.15', 'v6.1', 'v6.12'])('xfs %s has nothing at all', async (era) => {
    expect([...(await shapes('xfs', era, 'error')), ...(await shapes('xfs', era, 'note'))]).toEqual([]);
  });

  test.each(['v4.9', 'v6.12'])('ext2 %s has locks of different inodes, as classes only', async (era) => {
    expect(await shapes('ext2', era, 'error')).toEqual([]);
    expect(await shapes('ext2', era, 'note')).toContain('pte_alloc_one under dax_entry');
  });
});
