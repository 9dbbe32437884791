import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  annotateGfpLine,
  currentGfpContext,
  formatGfp,
  type GfpConfig,
  GfpError,
  gfpLayout,
  gfpSeries,
  guessKernel,
  parseGfp,
} from '../../src/gfp/index.ts';

/** One release for each layout. */
const KERNELS = gfpSeries()
  .filter((series) => !['4.14', '5.13', '6.7'].includes(series))
  .concat('4.14.0', '4.14.74');
const CONFIGS: readonly Required<Omit<GfpConfig, 'cma'>>[] = [false, true].flatMap((lockdep) =>
  [false, true].flatMap((kasanHwTags) => [false, true].map((slabObjExt) => ({ lockdep, kasanHwTags, slabObjExt }))),
);
const place = fc.record({ kernel: fc.constantFrom(...KERNELS), config: fc.constantFrom(...CONFIGS) });

/** A mask of bits that the layout has: random bits, and unions of names, which random bits seldom hit. */
const masked = place.chain((options) => {
  const layout = gfpLayout(options.kernel, options.config);
  const names = fc.subarray([...layout.compounds.values(), ...layout.bits.values()], { maxLength: 4 });
  const mask = fc.oneof(
    fc.integer({ min: 0, max: 0x7fffffff }).map((bits) => (bits & layout.allBits) >>> 0),
    names.map((masks) => masks.reduce((all, one) => (all | one) >>> 0, 0)),
  );
  return fc.record({ options: fc.constant(options), mask });
});

describe('every layout and configuration', () => {
  it('reads its own traces back', () => {
    fc.assert(
      fc.property(masked, ({ options, mask }) => {
        const parsed = parseGfp(formatGfp(mask, { ...options, style: 'trace' }), options);
        // In 4.4 and 4.5 two masks may share a text.
        expect([parsed.mask, ...parsed.alternatives]).toContain(mask);
        expect(parsed.printed).toBe(true);
        if (gfpLayout(options.kernel).printkNames) expect(parsed.alternatives).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('is among the guesses for its own pairs', () => {
    fc.assert(
      fc.property(masked, ({ options, mask }) => {
        const { guesses } = guessKernel(mask, formatGfp(mask, options));
        expect(guesses.map((guess) => guess.layout)).toContain(gfpLayout(options.kernel).id);
      }),
      { numRuns: 500 },
    );
  });

  it('prints each bit once: the names add up to the mask', () => {
    fc.assert(
      fc.property(masked, ({ options, mask }) => {
        const tokens = formatGfp(mask, { ...options, style: 'trace' }).split('|');
        expect(new Set(tokens).size).toBe(tokens.length);
        expect(tokens.filter((token) => token.startsWith('0x')).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  it('only loses bits to NOFS and NOIO, and the same ones a second time', () => {
    fc.assert(
      fc.property(masked, fc.constantFrom({ noio: true }, { nofs: true }), ({ options, mask }, scopes) => {
        try {
          const once = currentGfpContext(mask, scopes, options);
          expect((once & ~mask) >>> 0).toBe(0);
          expect(currentGfpContext(once, scopes, options)).toBe(once);
        } catch (error) {
          expect((error as GfpError).code).toBe('GFP_SCOPE_NOT_IN_RELEASE');
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('any text', () => {
  it('is read, or refused with a code', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `gfp_mask=${text}`),
        ),
        fc.constantFrom(...KERNELS),
        (text, kernel) => {
          try {
            expect(parseGfp(text, { kernel }).mask).toBeGreaterThanOrEqual(0);
          } catch (error) {
            expect(error).toBeInstanceOf(GfpError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('keeps all its characters when it is annotated', () => {
    const piece = fc.constantFrom(
      'gfp_mask=',
      'gfp_flags=',
      'mode:0x',
      '0xcc0',
      'GFP_KERNEL',
      '|',
      '__GFP_ZERO',
      '(',
      ')',
      ' ',
      '\n',
      'é',
      'order:0, ',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 4 }))), (pieces) => {
        const text = pieces.join('').replaceAll('{', '');
        expect(annotateGfpLine(text, { kernel: '6.1' }).replace(/\{gfp: [^}]*\}/g, '')).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});
