import { describe, expect, it } from 'vitest';
import { formatGfp, type GfpError } from '../../src/gfp/index.ts';

describe('formatGfp', () => {
  it('is greedy: a compound is taken only when all its bits are there', () => {
    expect(formatGfp(0xcc0, { kernel: '6.1' })).toBe('GFP_KERNEL');
    expect(formatGfp(0xc80, { kernel: '6.1' })).toBe('GFP_NOIO|__GFP_FS');
    expect(formatGfp(0x8c0, { kernel: '6.1' })).toBe('GFP_NOWAIT|__GFP_IO|__GFP_FS');
    expect(formatGfp(0xc40, { kernel: '6.1' })).toBe('GFP_NOFS');
  });

  it('puts what is left over behind the names, once, in hex', () => {
    expect(formatGfp(0xd0000cc0, { kernel: '6.1' })).toBe('GFP_KERNEL|0xd0000000');
    expect(formatGfp(0x80000000, { kernel: '6.1' })).toBe('0x80000000');
    expect(formatGfp(0x2088020, { kernel: '4.10' })).toBe('__GFP_HIGH|__GFP_ATOMIC|__GFP_ZERO|0x2000000');
    expect(formatGfp(0x8000c40, { kernel: '6.1' })).toBe('GFP_NOFS|0x8000000');
    expect(formatGfp(0x1000c40, { kernel: '6.15', config: { lockdep: true } })).toBe('GFP_NOFS|__GFP_NOLOCKDEP');
  });

  it('prints 0 as the place does', () => {
    expect(formatGfp(0, { kernel: '6.1' })).toBe('');
    expect(formatGfp(0, { kernel: '6.1', style: 'trace' })).toBe('none');
    expect(formatGfp(0, { kernel: '4.4', style: 'trace' })).toBe('GFP_NOWAIT');
    expect(formatGfp(0, { kernel: '4.4', style: 'printk' })).toBe('0x0');
  });

  it('has no underscores, and holes, before 4.6', () => {
    expect(formatGfp(0x8000, { kernel: '4.5' })).toBe('GFP_ZERO');
    expect(formatGfp(0x8000, { kernel: '4.6' })).toBe('__GFP_ZERO');
    expect(formatGfp(0x80, { kernel: '4.5' })).toBe('0x80');
    expect(formatGfp(0x80, { kernel: '4.6' })).toBe('__GFP_FS');
    expect(formatGfp(0x24000c0, { kernel: '4.5', style: 'printk' })).toBe('0x24000c0');
  });

  it('changes order at 6.15', () => {
    expect(formatGfp(0x40dc0, { kernel: '6.14' })).toBe('GFP_KERNEL|__GFP_COMP|__GFP_ZERO');
    expect(formatGfp(0x40dc0, { kernel: '6.15' })).toBe('GFP_KERNEL|__GFP_ZERO|__GFP_COMP');
  });

  it('follows the meaning of GFP_NOWAIT and GFP_ATOMIC', () => {
    expect([formatGfp(0x800, { kernel: '6.6' }), formatGfp(0x800, { kernel: '6.8' })]).toEqual([
      'GFP_NOWAIT',
      '__GFP_KSWAPD_RECLAIM',
    ]);
    expect([formatGfp(0x2800, { kernel: '6.6' }), formatGfp(0x2800, { kernel: '6.8' })]).toEqual([
      'GFP_NOWAIT|__GFP_NOWARN',
      'GFP_NOWAIT',
    ]);
    expect([formatGfp(0xa20, { kernel: '6.2' }), formatGfp(0x820, { kernel: '6.3' })]).toEqual([
      'GFP_ATOMIC',
      'GFP_ATOMIC',
    ]);
    expect(formatGfp(0x820, { kernel: '6.2' })).toBe('GFP_NOWAIT|__GFP_HIGH');
  });

  it('puts GFP_HIGHUSER_MOVABLE together as the release does', () => {
    expect(formatGfp(0x100cca, { kernel: '5.12' })).toBe('GFP_HIGHUSER_MOVABLE');
    expect(formatGfp(0x100cca, { kernel: '5.15' })).toBe('GFP_HIGHUSER|__GFP_MOVABLE');
    expect(formatGfp(0x1100cca, { kernel: '5.15' })).toBe('GFP_HIGHUSER_MOVABLE');
    expect(formatGfp(0x6100cca, { kernel: '6.1' })).toBe('GFP_HIGHUSER_MOVABLE');
    expect(formatGfp(0x6100cca, { kernel: '6.1', config: { kasanHwTags: false } })).toBe(
      'GFP_HIGHUSER_MOVABLE|0x6000000',
    );
  });

  it('names __GFP_NO_OBJ_EXT from 6.19 only with its option', () => {
    expect(formatGfp(0x1000000, { kernel: '6.19' })).toBe('__GFP_NO_OBJ_EXT');
    expect(formatGfp(0x1000000, { kernel: '6.19', config: { slabObjExt: false, lockdep: false } })).toBe('0x1000000');
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 32])('refuses %s', (mask) => {
    try {
      formatGfp(mask, { kernel: '6.1' });
      expect.unreachable();
    } catch (error) {
      expect((error as GfpError).code).toBe('GFP_MASK_INVALID');
    }
  });
});
