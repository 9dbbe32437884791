import { GfpError } from './errors.ts';
import { buildLayout, configsMatching, type GfpConfig } from './layout.ts';
import { gfpRelease, gfpSeries, seriesRanges } from './release.ts';

/** The series in which some configuration can set all bits of a mask. */
export function seriesWithBits(mask: number, config?: GfpConfig): readonly string[] {
  return gfpSeries().filter((series) =>
    gfpRelease(series).layouts.some((id) =>
      configsMatching(config).some((full) => (mask & ~buildLayout(id, full).allBits) === 0),
    ),
  );
}

/** The error for a mask with bits outside `allBits`; it says which bits, and which releases have them. */
export function impossibleBits(mask: number, allBits: number, series: string, config?: GfpConfig): GfpError {
  const wrong = (mask & ~allBits) >>> 0;
  const fits = seriesWithBits(mask, config);
  const where = fits.length === 0 ? 'no known release sets them all' : `all its bits exist in ${seriesRanges(fits)}`;
  const text = `0x${wrong.toString(16)} of 0x${mask.toString(16)}`;
  return new GfpError('GFP_BIT_IMPOSSIBLE', `${series} never sets ${text} in this configuration; ${where}`, fits);
}
