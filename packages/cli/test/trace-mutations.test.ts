import type { MaskFact } from '@faultpath/lockdep';
import { formatGfp, gfp, mayBlock } from '@faultpath/mm/gfp';
import type { TraceFault } from '@faultpath/trace';
import { describe, expect, test } from 'vitest';
import { docBlock } from './doc-block.ts';
import { type Mutant, type MutationKind, mutate, mutationKinds, seeded } from './mutations.ts';
import { mutableLines, mutateLines, type RawMutation, rawMutations } from './raw-mutations.ts';
import { faultIn, faultOf, modelOf, mutated, mutatedPages, recordedLines } from './recorded-faults.ts';

const MUTANTS = 150;
const kernel = '6.1';

/** Turns a flag of a mask round, and says what the mask then permits. */
function flip(fact: MaskFact, flag: string): MaskFact {
  const bits = (gfp(fact.text ?? '', { kernel }) ^ gfp(flag, { kernel })) >>> 0;
  return {
    ...fact,
    text: formatGfp(bits, { kernel, style: 'trace' }),
    fs: (bits & gfp('__GFP_FS', { kernel })) !== 0,
    io: (bits & gfp('__GFP_IO', { kernel })) !== 0,
    directReclaim: mayBlock(bits, { kernel }),
  };
}

/**
 * The survivors that docs/validation.md explains: mutation and event, by why the mutant is a fault that the kernel could
 * have had too. A survivor of another kind fails the test.
 */
const explained: Readonly<Record<string, RegExp>> = {
  'one level of the page table more, or less': /^(duplicate|drop) alloc page-table$/,
  'what is allocated only where it is not in memory yet':
    /^drop alloc (kmem_alloc|ext4_mb_new_blocks|xfs_buf_item_init|jbd2_journal_add_journal_head|xas_nomem|start_this_handle|__anon_vma_prepare|ext2_init_block_alloc_info)$/,
  'the page of a slab, which is compared by FS and IO only, or not needed':
    /^(drop|mask|duplicate) alloc (ext4_mb_new_blocks|jbd2_journal_add_journal_head|xfs_allocbt_init_common)$/,
  'two things of one class, told apart by nothing that is compared':
    /^(swap|move) ([+-]xfs_buf|alloc (__pmd_alloc|ptlock_alloc|__anon_vma_prepare))$/,
};

const totals = new Map<MutationKind, { made: number; refused: number }>(
  mutationKinds.map((kind) => [kind, { made: 0, refused: 0 }]),
);

/** The same for faults through the page cache, where how much is read ahead is open, too. */
const explainedPages: Readonly<Record<string, RegExp>> = {
  ...explained,
  'a page of the readahead more, or less, or moved past what cannot sleep':
    /^(duplicate|drop|swap|move) alloc (page_cache_ra_unbounded|page_cache_ra_order|iomap_page_create|__filemap_get_folio)$/,
  'the buffers of a page that may have them': /^drop alloc alloc_buffer_head$/,
};

/** The same mutants of a fault in each run. */
function* mutantsOf(name: string, { events }: TraceFault): Generator<Mutant> {
  const random = seeded(name.length * 7919 + 1);
  for (let made = 0; made < MUTANTS; ) {
    const mutant = mutate(events, random, flip);
    if (mutant === undefined) continue;
    made += 1;
    yield mutant;
  }
}

type Count = { made: number; refused: number };

const row = (name: string, { made, refused }: Count): string =>
  `| ${name} | ${made} | ${refused} | ${((100 * refused) / made).toFixed(1)} % |`;

describe('a recorded fault with one random mutation', () => {
  const pages: string[] = [];

  test('there are recordings to mutate', () => {
    expect([mutated.length, mutatedPages.length]).toEqual([35, 17]);
  });

  test.each(mutatedPages)(
    '%s is accepted as it is, and every mutant that is accepted too is explained',
    async (name) => {
      const fault = await faultOf(name);
      const model = modelOf(name, fault);
      expect(model.validate(fault).verdict).toBe('accepted');
      const survivors: string[] = [];
      for (const mutant of mutantsOf(name, fault))
        if (model.validate(mutant).verdict === 'accepted') survivors.push(`${mutant.kind} ${mutant.what}`);
      const why = Object.values(explainedPages);
      expect(survivors.filter((survivor) => !why.some((pattern) => pattern.test(survivor)))).toEqual([]);
      pages.push(row(name, { made: MUTANTS, refused: MUTANTS - survivors.length }));
    },
  );

  test('the numbers of the page cache on the page on validation are these', () => {
    const table = `\n| recording | made | refused | |\n| --- | --- | --- | --- |\n${pages.join('\n')}\n\n`;
    expect(docBlock('page-mutants', table)).toBe(table);
  });

  test.each(mutated)('%s is accepted as it is, and refused in nine of ten', async (name) => {
    const fault = await faultOf(name);
    const model = modelOf(name, fault);
    expect(model.validate(fault).verdict).toBe('accepted');
    const survivors: string[] = [];
    for (const mutant of mutantsOf(name, fault)) {
      const total = totals.get(mutant.kind) as { made: number; refused: number };
      total.made += 1;
      if (model.validate(mutant).verdict === 'refused') total.refused += 1;
      else survivors.push(`${mutant.kind} ${mutant.what}`);
    }
    expect(survivors.length / MUTANTS).toBeLessThanOrEqual(0.1);
    const why = Object.values(explained);
    expect(survivors.filter((survivor) => !why.some((pattern) => pattern.test(survivor)))).toEqual([]);
  });

  test('the numbers on the page on validation are these', () => {
    const all = { made: 0, refused: 0 };
    for (const { made, refused } of totals.values()) {
      all.made += made;
      all.refused += refused;
    }
    const rows = [...totals].map(([kind, count]) => row(kind, count));
    const table = `\n| mutation | made | refused | |\n| --- | --- | --- | --- |\n${[...rows, row('all', all)].join('\n')}\n\n`;
    expect(docBlock('mutants', table)).toBe(table);
  });
});

const RAW_MUTANTS = 80;

/** As `explained`, for lines of the file. */
const explainedLines: Readonly<Record<string, RegExp>> = {
  'one level of the page table more, or less':
    /^accepted (swap|move|drop|duplicate) mm_page_alloc GFP_KERNEL_ACCOUNT\|__GFP_ZERO$/,
  'what is allocated only where it is not in memory yet':
    /^accepted drop (kmalloc|kmem_cache_alloc) (kmem_alloc|ext4_mb_new_blocks|xfs_buf_item_init|jbd2_journal_add_journal_head|xas_nomem|alloc_buffer_head|start_this_handle|__anon_vma_prepare|ext2_init_block_alloc_info)$/,
  'the page of a slab, which is compared by FS and IO only, or not needed':
    /^accepted \w+ mm_page_alloc GFP_NOFS\|__GFP_NOWARN\|__GFP_NORETRY/,
  'two lines told apart by nothing that is compared':
    /^accepted (swap|move) (kmalloc ext4_find_extent|kmem_cache_alloc (alloc_buffer_head|ptlock_alloc|__anon_vma_prepare)|xfs_buf_|lock_release sb_internal)/,
  'the first of its kind, before which nobody knows that such events were recorded':
    /^accepted (drop|swap) xfs_i(un)?lock /,
};

describe('a recording with one random mutation of a line', () => {
  const totals = new Map<RawMutation, { made: number; refused: number }>(
    rawMutations.map((kind) => [kind, { made: 0, refused: 0 }]),
  );
  const shares: string[] = [];

  test.each(mutated)('%s is refused in nine of ten', async (name) => {
    const fault = await faultOf(name);
    const model = modelOf(name, fault);
    const lines = recordedLines(name);
    const places = mutableLines(lines, fault);
    const random = seeded(name.length * 104_729 + 3);
    const survivors: string[] = [];
    for (let made = 0; made < RAW_MUTANTS; ) {
      const mutant = mutateLines(lines, places, random);
      if (mutant === undefined) continue;
      made += 1;
      const total = totals.get(mutant.kind) as { made: number; refused: number };
      total.made += 1;
      const changed = await faultIn(mutant.lines);
      const verdict = !changed.complete
        ? 'incomplete'
        : changed.contradiction !== undefined
          ? 'refused'
          : model.validate(changed).verdict;
      if (verdict === 'refused') total.refused += 1;
      else survivors.push(`${verdict} ${mutant.kind} ${mutant.what}`);
    }
    shares.push(`| ${name} | ${(100 - (100 * survivors.length) / RAW_MUTANTS).toFixed(1)} % |`);
    expect(survivors.length / RAW_MUTANTS).toBeLessThanOrEqual(0.1);
    const why = Object.values(explainedLines);
    expect(survivors.filter((survivor) => !why.some((pattern) => pattern.test(survivor)))).toEqual([]);
  });

  test('the numbers on the page on validation are these', () => {
    const rows = [...totals].map(
      ([kind, { made, refused }]) => `| ${kind} | ${made} | ${refused} | ${((100 * refused) / made).toFixed(1)} % |`,
    );
    const table = `\n| mutation of a line | made | refused | |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n\n| recording | refused |\n| --- | --- |\n${shares.join('\n')}\n\n`;
    expect(docBlock('line-mutants', table)).toBe(table);
  });
});
