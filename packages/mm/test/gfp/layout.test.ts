import { describe, expect, it } from 'vitest';
import { formatGfp, GfpError, gfp, gfpLayout, gfpLayoutIds, gfpSeries } from '../../src/gfp/index.ts';

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof GfpError) return error.code;
    throw error;
  }
  return 'no error';
}

/** GFP_KERNEL through the ages; every move of the bits shows in it. */
const GFP_KERNEL: readonly [string, number][] = [
  ['4.4', 0x24000c0],
  ['4.9', 0x24000c0],
  ['4.10', 0x14000c0],
  ['4.17', 0x14000c0],
  ['4.18', 0x6000c0],
  ['5.0', 0x6000c0],
  ['5.1', 0xcc0],
  ['7.2', 0xcc0],
  ['mainline', 0xcc0],
];

describe('gfpLayout', () => {
  it.each(GFP_KERNEL)('GFP_KERNEL of %s', (kernel, mask) => {
    expect(gfpLayout(kernel).compounds.get('GFP_KERNEL')).toBe(mask);
  });

  it('takes release strings as systems print them', () => {
    for (const text of ['6.1', 'v6.1', '6.1.0', '6.1.192', '6.1.0-56-amd64', '6.1-rc3', ' 6.1.0 ']) {
      expect(gfpLayout(text).id).toBe('v6.0');
    }
    expect(gfpLayout('6.10.3').id).toBe('v6.10');
  });

  it('refuses what it does not know', () => {
    for (const text of ['4.3', '3.10.0-1160.el7', '7.3', '6', 'six', '', '6.1.2.3', '66.1']) {
      expect(
        codeOf(() => gfpLayout(text)),
        text,
      ).toBe('GFP_KERNEL_UNKNOWN');
    }
  });

  it('names the known releases in that error', () => {
    try {
      gfpLayout('3.10');
      expect.unreachable();
    } catch (error) {
      expect((error as GfpError).fits).toEqual(gfpSeries());
    }
  });

  it('has a layout for every series, and a series for every layout', () => {
    const used = new Set<string>();
    for (const series of gfpSeries()) {
      if (codeOf(() => gfpLayout(series)) === 'no error') used.add(gfpLayout(series).id);
    }
    expect([...used, 'v4.14-early', 'v4.14-late'].sort()).toEqual([...gfpLayoutIds()].sort());
  });

  it('moves bits with the configuration only from 6.9 on', () => {
    const bit = (kernel: string, kasanHwTags: boolean) =>
      gfpLayout(kernel, { lockdep: true, kasanHwTags }).bits.get('__GFP_NOLOCKDEP');
    expect([bit('6.8', false), bit('6.8', true)]).toEqual([1 << 26, 1 << 26]);
    expect([bit('6.9', false), bit('6.9', true)]).toEqual([1 << 24, 1 << 26]);
    expect(gfpLayout('6.8').bits.has('__GFP_NOLOCKDEP')).toBe(false);
    expect(gfpLayout('6.18').bits.get('__GFP_NO_OBJ_EXT')).toBe(1 << 24);
    expect(gfpLayout('6.18', { lockdep: true }).bits.get('__GFP_NO_OBJ_EXT')).toBe(1 << 25);
    expect(gfpLayout('6.18', { slabObjExt: false }).bits.has('__GFP_NO_OBJ_EXT')).toBe(false);
    expect(gfpLayout('6.19', { slabObjExt: false }).bits.has('__GFP_NO_OBJ_EXT')).toBe(true);
  });
});

describe('releases that were not read', () => {
  it('5.13 answers where 5.12 and 5.14 agree, and only there', () => {
    expect(formatGfp(0x4cc0, { kernel: '5.13.0-rc5' })).toBe('GFP_KERNEL|__GFP_RETRY_MAYFAIL');
    expect(codeOf(() => formatGfp(0x100cca, { kernel: '5.13' }))).toBe('GFP_KERNEL_AMBIGUOUS');
    expect(codeOf(() => gfpLayout('5.13'))).toBe('GFP_KERNEL_AMBIGUOUS');
    expect(codeOf(() => gfp('GFP_HIGHUSER_MOVABLE', { kernel: '5.13' }))).toBe('GFP_KERNEL_AMBIGUOUS');
    expect(gfp('GFP_HIGHUSER', { kernel: '5.13' })).toBe(0x100cc2);
  });

  it('5.16 stands between two that agree', () => {
    expect(gfpLayout('5.16').id).toBe('v5.14');
  });

  it('6.7 is open for GFP_NOWAIT alone', () => {
    expect(codeOf(() => formatGfp(0x800, { kernel: '6.7' }))).toBe('GFP_KERNEL_AMBIGUOUS');
    expect(formatGfp(0xcc0, { kernel: '6.7' })).toBe('GFP_KERNEL');
  });

  it('4.14 lost __GFP_NOTRACK in a stable update', () => {
    expect(gfpLayout('4.14.0').id).toBe('v4.14-early');
    expect(gfpLayout('4.14.0-rc2').id).toBe('v4.14-early');
    expect(gfpLayout('4.14.74').id).toBe('v4.14-late');
    expect(codeOf(() => gfpLayout('4.14.0-3-amd64'))).toBe('GFP_KERNEL_AMBIGUOUS');
    // Only the earlier one can set the bit, so it is no guess.
    expect(formatGfp(0x16040c0, { kernel: '4.14' })).toBe('GFP_KERNEL|__GFP_COMP|__GFP_NOTRACK');
    expect(formatGfp(0x16040c0, { kernel: '4.14.177' })).toBe('GFP_KERNEL|__GFP_COMP|0x200000');
  });
});

describe('gfp', () => {
  it('builds masks from single and combined names', () => {
    expect(gfp('GFP_NOFS|__GFP_ZERO', { kernel: '6.1' })).toBe(0xd40);
    expect(gfp(['GFP_NOFS', '__GFP_ZERO'], { kernel: '4.9' })).toBe(0x2408040);
    expect(gfp([], { kernel: '6.1' })).toBe(0);
  });

  it('knows page-table masks where the release has them', () => {
    expect(gfp('GFP_PGTABLE_USER', { kernel: '6.1' })).toBe(0x400dc0);
    expect(codeOf(() => gfp('GFP_PGTABLE_USER', { kernel: '5.2' }))).toBe('GFP_NAME_NOT_IN_RELEASE');
    expect(gfp('PGALLOC_GFP', { kernel: '4.12' })).toBe(
      gfp('GFP_KERNEL_ACCOUNT|__GFP_NOTRACK|__GFP_ZERO', { kernel: '4.12' }),
    );
    expect(codeOf(() => gfp('PGALLOC_GFP', { kernel: '6.1' }))).toBe('GFP_NAME_NOT_IN_RELEASE');
  });

  it('has GFP_TRANSHUGE without background reclaim since 4.6', () => {
    expect(gfp('GFP_TRANSHUGE', { kernel: '6.1' })).toBe(0x1c24ca);
    expect(gfp('GFP_TRANSHUGE_LIGHT', { kernel: '6.1' })).toBe(0x1c20ca);
    expect(gfp('GFP_TRANSHUGE', { kernel: '4.4' })).toBe(0x4352ca);
    expect(gfp('GFP_TRANSHUGE', { kernel: '4.6' })).toBe(gfp('GFP_TRANSHUGE', { kernel: '4.4' }) & ~0x400000);
  });

  it('gives a flag without a printed name its bit, unless the configuration has none', () => {
    expect(gfp('__GFP_NOLOCKDEP', { kernel: '6.1' })).toBe(1 << 27);
    expect(codeOf(() => gfp('__GFP_NOLOCKDEP', { kernel: '6.1', config: { lockdep: false } }))).toBe(
      'GFP_NAME_NOT_IN_RELEASE',
    );
  });

  it('says where an unknown name would fit', () => {
    expect(codeOf(() => gfp('GFP_KRENEL', { kernel: '6.1' }))).toBe('GFP_NAME_UNKNOWN');
    try {
      gfp('__GFP_REPEAT', { kernel: '6.1' });
      expect.unreachable();
    } catch (error) {
      expect((error as GfpError).code).toBe('GFP_NAME_NOT_IN_RELEASE');
      expect((error as GfpError).fits.at(0)).toBe('4.4');
      expect((error as GfpError).fits.at(-1)).toBe('4.12');
    }
  });
});
