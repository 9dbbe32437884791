import { GfpError } from './errors.ts';
import { formatInLayout } from './format.ts';
import { buildLayout, configsMatching, type GfpConfig, type GfpLayoutConfig, gfpLayoutIds } from './layout.ts';
import { gfpRelease, gfpSeries, seriesRanges } from './release.ts';
import { checkMask } from './settle.ts';

/** One layout that prints a mask as the text says. */
export interface GfpGuess {
  readonly layout: string;
  /** The release series that have, or may have, this layout. */
  readonly series: readonly string[];
  /** The configurations under which it prints so. */
  readonly configs: readonly GfpLayoutConfig[];
}

/** The answer of `guessKernel`. No guesses means: no mainline release; a vendor kernel, or a damaged log. */
export interface GfpGuesses {
  readonly guesses: readonly GfpGuess[];
  readonly series: readonly string[];
  /** The series in words: `4.6 to 4.9`; empty when there are none. */
  readonly text: string;
}

/**
 * Which releases print this number as these names: for a pair from a log of unknown origin.
 * @param hex the mask, as a number or as `0x…`
 * @param text the names, `GFP_KERNEL|__GFP_ZERO`; empty or `none` for 0
 * @throws GfpError `GFP_TEXT_INVALID`, `GFP_MASK_INVALID`
 */
export function guessKernel(hex: number | string, text: string, config?: GfpConfig): GfpGuesses {
  const mask = typeof hex === 'number' ? hex : parseHex(hex);
  checkMask(mask);
  const guesses: GfpGuess[] = [];
  for (const layout of gfpLayoutIds()) {
    const configs = configsMatching(config).filter((full) => {
      const candidate = buildLayout(layout, full);
      return formatInLayout(mask, candidate) === text || formatInLayout(mask, candidate, 'trace') === text;
    });
    if (configs.length > 0) guesses.push({ layout, series: seriesOf(layout), configs });
  }
  const series = gfpSeries().filter((name) => guesses.some((guess) => guess.series.includes(name)));
  return { guesses, series, text: seriesRanges(series) };
}

/** The series that have, or may have, a layout. */
export function seriesOf(layout: string): readonly string[] {
  return gfpSeries().filter((name) => gfpRelease(name).layouts.includes(layout));
}

/**
 * Reads `0x…`.
 * @throws GfpError `GFP_TEXT_INVALID`
 */
export function parseHex(text: string): number {
  if (!/^0x[0-9a-f]{1,8}$/i.test(text)) {
    throw new GfpError('GFP_TEXT_INVALID', `'${text}' is no hexadecimal mask; write it with 0x, at most 8 digits`);
  }
  return Number.parseInt(text, 16);
}
