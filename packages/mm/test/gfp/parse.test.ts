import { describe, expect, it } from 'vitest';
import { type GfpConfig, GfpError, guessKernel, parseGfp } from '../../src/gfp/index.ts';

const at = (text: string, kernel: string, config: GfpConfig = {}) => parseGfp(text, { kernel, config });

function failure(text: string, kernel: string, config: GfpConfig = {}): GfpError {
  try {
    at(text, kernel, config);
  } catch (error) {
    if (error instanceof GfpError) return error;
    throw error;
  }
  throw new Error(`'${text}' was read in ${kernel}`);
}

describe('parseGfp', () => {
  it.each([
    ['0xc40', 'hex'],
    ['0xC40', 'hex'],
    ['GFP_NOFS', 'names'],
    ['mode:0xc40', 'hex'],
    ['mode:0xc40(GFP_NOFS)', 'hex+names'],
    ['gfp_mask=0xc40(GFP_NOFS)', 'hex+names'],
    ['gfp_mask=0xc40', 'hex'],
    ['gfp_flags=GFP_NOFS', 'names'],
    ['gfp_flags GFP_NOFS', 'names'],
    ['gfp=0xc40(GFP_NOFS)', 'hex+names'],
    ['gfp: 0xc40 (GFP_NOFS)', 'hex+names'],
    ['gfp_mask 0xc40(GFP_NOFS)', 'hex+names'],
    ['__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM | __GFP_IO', 'names'],
    ['x invoked oom-killer: gfp_mask=0xc40(GFP_NOFS), order=0, oom_score_adj=0', 'hex+names'],
    [
      'sh-261 [001] ..... 232.8: mm_shrink_slab_start: super_cache_scan+0x0/0x1f0 0: nid: 0 objects to shrink 0 gfp_flags GFP_NOFS cache items 3',
      'names',
    ],
    ['XFS: fs_mark(3289) possible memory allocation deadlock size 65624 in kmem_alloc (mode:0xc40)', 'hex'],
    ['SLUB: Unable to allocate memory on node -1 (gfp=0xc40)', 'hex'],
    ['Page allocated via order 0, mask 0xc40', 'hex'],
    ['page last allocated via order 0, migratetype Unmovable, gfp_mask 0xc40(GFP_NOFS), pid 4308', 'hex+names'],
    ['DMA: preallocated 256 KiB GFP_NOFS pool for atomic allocations', 'names'],
  ])('reads %s', (text, form) => {
    expect(at(text, '6.1')).toMatchObject({ mask: 0xc40, form });
  });

  it('reads left-over bits and zero', () => {
    expect(at('GFP_NOFS|0x8000000', '6.1').mask).toBe(0x8000c40);
    expect(at('none', '6.1')).toMatchObject({ mask: 0, printed: true });
    expect(at('mode:0x0()', '6.1').mask).toBe(0);
  });

  it('tells whether the release prints the names so', () => {
    expect(at('GFP_KERNEL|__GFP_ZERO', '6.1').printed).toBe(true);
    expect(at('__GFP_ZERO|GFP_KERNEL', '6.1')).toMatchObject({ mask: 0xdc0, printed: false });
    expect(at('GFP_KERNEL|__GFP_NOLOCKDEP', '6.1')).toMatchObject({ mask: 0x8000cc0, printed: false });
    expect(at('GFP_KERNEL|__GFP_NOLOCKDEP', '6.15')).toMatchObject({ mask: 0x1000cc0, printed: true });
  });

  it('reads the names of 4.4 and 4.5, which are not unique', () => {
    expect(at('GFP_KERNEL|GFP_ZERO', '4.4').mask).toBe(0x24080c0);
    expect(at('GFP_ATOMIC', '4.4')).toMatchObject({ mask: 0x2080020, alternatives: [0x80000] });
    expect(at('GFP_ATOMIC', '4.6').alternatives).toEqual([]);
    expect(at('GFP_NOWAIT', '4.4')).toMatchObject({ mask: 0, printed: true });
    expect(at('GFP_NOWAIT', '4.4').notes).toHaveLength(1);
    expect(at('GFP_NOWAIT', '4.6')).toMatchObject({ mask: 0x2000000, notes: [] });
  });

  it('reads __GFP_WAIT as what replaced it, and says so', () => {
    expect(at('__GFP_WAIT|__GFP_IO', '4.4').mask).toBe(0x2400040);
    expect(at('__GFP_WAIT|__GFP_IO', '6.1').notes).toHaveLength(1);
    expect(at('__GFP_RECLAIM|__GFP_IO', '6.1').notes).toEqual([]);
  });

  it.each([
    ['GFP_KRENEL', '6.1', 'GFP_NAME_UNKNOWN', []],
    ['GFP_KERNEL|__GFP_CMA', '6.1', 'GFP_NAME_UNKNOWN', []],
    ['GFP_KERNEL|GFP_ZERO', '6.1', 'GFP_NAME_NOT_IN_RELEASE', ['4.4', '4.5']],
    ['__GFP_OTHER_NODE', '4.10', 'GFP_NAME_NOT_IN_RELEASE', ['4.4', '4.5', '4.6', '4.7', '4.8', '4.9']],
    [
      '__GFP_COLD',
      '4.15',
      'GFP_NAME_NOT_IN_RELEASE',
      ['4.4', '4.5', '4.6', '4.7', '4.8', '4.9', '4.10', '4.11', '4.12', '4.13', '4.14'],
    ],
    ['0x10000000', '6.1', 'GFP_BIT_IMPOSSIBLE', []],
    ['GFP_KERNEL|0x40000000', '6.1', 'GFP_BIT_IMPOSSIBLE', []],
    ['0x24200ca(GFP_HIGHUSER_MOVABLE)', '4.10', 'GFP_TEXT_OTHER_RELEASE', ['4.4', '4.5', '4.6', '4.7', '4.8', '4.9']],
    ['0x1(GFP_KERNEL)', '6.1', 'GFP_TEXT_NO_RELEASE', []],
    ['3264', '6.1', 'GFP_TEXT_INVALID', []],
    ['', '6.1', 'GFP_TEXT_INVALID', []],
    ['hello', '6.1', 'GFP_TEXT_INVALID', []],
    ['0x123456789', '6.1', 'GFP_TEXT_INVALID', []],
    [
      'Unexpected gfp: 0x2 (__GFP_HIGHMEM). Fixing up to gfp: 0xcc0 (GFP_KERNEL). Fix your code!',
      '6.1',
      'GFP_TEXT_INVALID',
      [],
    ],
  ] as const)('refuses %s in %s', (text, kernel, code, fits) => {
    const error = failure(text, kernel);
    expect(error.code).toBe(code);
    expect(error.fits).toEqual(fits);
  });

  it('refuses a bit only if no configuration that is possible has it', () => {
    expect(at('0x8000c40', '6.1').mask).toBe(0x8000c40);
    const error = failure('0x8000c40', '6.1', { lockdep: false });
    expect(error.code).toBe('GFP_BIT_IMPOSSIBLE');
    expect(failure('__GFP_NOLOCKDEP', '6.1', { lockdep: false }).code).toBe('GFP_NAME_NOT_IN_RELEASE');
  });

  it('refuses a number that fits other releases, and names them', () => {
    expect(failure('0x8000000', '4.9').fits).toEqual([
      '5.18',
      '5.19',
      '6.0',
      '6.1',
      '6.2',
      '6.3',
      '6.10',
      '6.11',
      '6.12',
      '6.13',
      '6.14',
      '6.15',
      '6.16',
      '6.17',
      '6.18',
      '6.19',
      '7.0',
      '7.1',
      '7.2',
    ]);
  });
});

describe('guessKernel', () => {
  it('finds the releases that print a pair', () => {
    expect(guessKernel('0x14200ca', 'GFP_HIGHUSER_MOVABLE').text).toBe('4.10 to 4.17');
    expect(guessKernel(0x1100cca, 'GFP_HIGHUSER_MOVABLE').text).toBe('5.13 to 5.17');
    expect(guessKernel('0x140dca', 'GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP').text).toBe('6.15 to mainline');
    expect(guessKernel('0x140dca', 'GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO').series.at(-1)).toBe('6.14');
  });

  it('tells the configuration where only one prints so', () => {
    const { guesses } = guessKernel('0x3000c40', 'GFP_NOFS|__GFP_NOLOCKDEP|__GFP_NO_OBJ_EXT');
    expect(guesses.map((guess) => guess.layout)).toEqual(['v6.15', 'v6.19']);
    expect(guesses[0]?.configs).toEqual([{ lockdep: true, kasanHwTags: false, slabObjExt: true }]);
  });

  it('finds none for a pair that nobody prints', () => {
    expect(guessKernel('0xcc0', 'GFP_NOFS')).toEqual({ guesses: [], series: [], text: '' });
  });

  it('refuses a number that is none', () => {
    for (const hex of ['cc0', '0xg', -1]) expect(() => guessKernel(hex, 'GFP_NOFS')).toThrow(GfpError);
  });
});
