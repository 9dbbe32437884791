import { describe, expect, it } from 'vitest';
import { describeGfp, explainGfp, GfpError, gfpLayout, gfpSeries, renderGfp } from '../../src/gfp/index.ts';

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof GfpError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('explainGfp', () => {
  it('gives data, and the same in sentences', () => {
    const explanation = explainGfp(0xd40, { kernel: '6.1' });
    expect(explanation).toMatchObject({ hex: '0xd40', names: 'GFP_NOFS|__GFP_ZERO', series: '6.1', layout: 'v6.0' });
    expect(explanation.flags.map((flag) => flag.name)).toEqual([
      '__GFP_IO',
      '__GFP_ZERO',
      '__GFP_DIRECT_RECLAIM',
      '__GFP_KSWAPD_RECLAIM',
    ]);
    expect(explanation.permissions).toEqual({
      mayBlock: true,
      mayDoIo: true,
      mayEnterFs: false,
      wakesKswapd: true,
      mayInvokeOomKiller: false,
      mustNotFail: false,
      hasNolockdep: false,
    });
    expect(explanation.text.split('\n')).toEqual(explanation.sentences);
    expect(explanation.sentences.length).toBeGreaterThan(4);
  });

  it('says what a scope changed', () => {
    const explanation = explainGfp(0xcc0, { kernel: '6.1', scopes: { nofs: true } });
    expect(explanation).toMatchObject({ mask: 0xcc0, effective: 0xc40, permissions: { mayEnterFs: false } });
    expect(explanation.scopes.map((step) => step.flag)).toEqual(['PF_MEMALLOC_NOFS']);
    expect(explanation.text).toContain('__GFP_FS');
  });

  it('has words for every flag of every release', () => {
    for (const series of gfpSeries()) {
      if (['4.14', '5.13', '6.7'].includes(series)) continue;
      const config = { lockdep: true, kasanHwTags: true, slabObjExt: true };
      const layout = gfpLayout(series, config);
      const explanation = explainGfp(layout.allBits, { kernel: series, config });
      expect(explanation.flags).toHaveLength(layout.bits.size);
    }
  });

  it('refuses bits that the release never sets', () => {
    expect(codeOf(() => explainGfp(0x10000000, { kernel: '6.1' }))).toBe('GFP_BIT_IMPOSSIBLE');
    expect(codeOf(() => explainGfp(0x8000000, { kernel: '6.1' }))).toBe('no error');
    expect(codeOf(() => explainGfp(0x8000000, { kernel: '6.1', config: { lockdep: false } }))).toBe(
      'GFP_BIT_IMPOSSIBLE',
    );
  });

  it('explains nothing as nothing', () => {
    expect(explainGfp(0, { kernel: '6.1' })).toMatchObject({ names: 'none', flags: [] });
  });
});

describe('describeGfp', () => {
  it('reads by one release when it is given', () => {
    const [only, ...rest] = describeGfp('0xcc0', { kernel: '6.1.0-56-amd64' });
    expect(rest).toEqual([]);
    expect(only?.readings.map((reading) => reading.series)).toEqual([['6.1']]);
  });

  it('tells releases that agree together, and all that fit', () => {
    const [only] = describeGfp('GFP_NOFS|__GFP_ZERO');
    expect(only?.readings.map((reading) => reading.explanation.hex)).toEqual([
      '0x2408040',
      '0x2408040',
      '0x1408040',
      '0x608040',
      '0xd40',
    ]);
    expect(only?.readings.at(-1)?.series).toContain('5.13');
  });

  it('narrows a pair to the releases that print it', () => {
    const [only] = describeGfp('0x24200ca(GFP_HIGHUSER_MOVABLE)');
    expect(only?.readings.flatMap((reading) => reading.series)).toEqual(['4.4', '4.5', '4.6', '4.7', '4.8', '4.9']);
  });

  it('takes every mask of a line', () => {
    const line =
      'Unexpected gfp: 0x2 (__GFP_HIGHMEM). Fixing up to gfp: 0x400dc0 (GFP_KERNEL_ACCOUNT|__GFP_ZERO). Fix your code!';
    expect(describeGfp(line, { kernel: '6.19' }).map((one) => one.readings[0]?.explanation.mask)).toEqual([
      0x2, 0x400dc0,
    ]);
  });

  it.each([
    ['GFP_KRENEL', 'GFP_NAME_UNKNOWN'],
    ['0xffffffff', 'GFP_BIT_IMPOSSIBLE'],
    ['0x1(GFP_KERNEL)', 'GFP_TEXT_NO_RELEASE'],
    ['hello', 'GFP_TEXT_INVALID'],
    ['', 'GFP_TEXT_INVALID'],
  ])('refuses %s in every release', (text, code) => {
    expect(codeOf(() => describeGfp(text))).toBe(code);
  });

  it('renders a line a reading, and the sentences when asked', () => {
    expect(renderGfp(describeGfp('0xc40', { kernel: '6.1' }))).toBe('6.1: 0xc40 GFP_NOFS  +reclaim +io -fs\n');
    expect(renderGfp(describeGfp('0xcc0', { kernel: '6.1', scopes: { nofs: true } }))).toBe(
      '6.1: 0xcc0 GFP_KERNEL -> 0xc40 GFP_NOFS  +reclaim +io -fs\n',
    );
    const explained = renderGfp(describeGfp('0xc40', { kernel: '6.1' }), { explain: true });
    expect(explained.split('\n').length).toBeGreaterThan(4);
  });
});
