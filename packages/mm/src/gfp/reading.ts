import { GfpError } from './errors.ts';
import type { GfpPermissions } from './explain.ts';
import { permissionsOf } from './explain.ts';
import { splitValue } from './find.ts';
import { formatInLayout, hexGfp } from './format.ts';
import { guessKernel, parseHex } from './guess.ts';
import { buildLayout, configsMatching, type GfpConfig } from './layout.ts';
import { parseGfp } from './parse.ts';
import { gfpRelease, gfpSeries, seriesIndex, seriesRanges } from './release.ts';

/** What is known of the kernel that wrote a log. */
export interface GfpOrigin {
  /** The release, when it is known. */
  readonly kernel?: string;
  readonly config?: GfpConfig;
  /** The series that are still possible, when it is not. */
  readonly series: readonly string[];
}

/** The last series whose logs have a number without names in this place. */
export type HexEra = '4.5' | '5.1' | '6.8';

/** More readings than this are only counted. */
const MOST_READINGS = 3;

/** The short marks of what a mask permits: `+reclaim +io -fs`; without reclaim of its own, `-reclaim +kswapd`. */
export function permissionMarks(permissions: GfpPermissions): string {
  if (!permissions.mayBlock) return permissions.wakesKswapd ? '-reclaim +kswapd' : '-reclaim -kswapd';
  const sign = (on: boolean) => (on ? '+' : '-');
  return `+reclaim ${sign(permissions.mayDoIo)}io ${sign(permissions.mayEnterFs)}fs`;
}

/**
 * The note that a filter puts behind a mask; undefined if the text is no mask. It holds what the text itself doesn't
 * say: names for a bare number, the number for bare names where the release is known, and always the marks.
 */
export function noteFor(value: string, origin: GfpOrigin, era: HexEra): string | undefined {
  const halves = splitValue(value);
  if (halves === undefined) return undefined;
  const note = origin.kernel === undefined ? noteOfUnknown(halves, origin, era) : noteOfKnown(value, halves, origin);
  return `{gfp: ${note}}`;
}

type Halves = NonNullable<ReturnType<typeof splitValue>>;

function noteOfKnown(value: string, halves: Halves, origin: GfpOrigin): string {
  const options = {
    kernel: origin.kernel as string,
    ...(origin.config === undefined ? {} : { config: origin.config }),
  };
  try {
    const { mask } = parseGfp(value, options);
    const marks = permissionMarks(permissionsOf(mask, options));
    if (halves.hex === undefined) return `${hexGfp(mask)} ${marks}`;
    if (halves.names !== undefined) return marks;
    return `${namesIn(mask, options.kernel, origin.config)} ${marks}`;
  } catch (error) {
    if (!(error instanceof GfpError)) throw error;
    const { series } = gfpRelease(options.kernel);
    if (error.code === 'GFP_KERNEL_AMBIGUOUS') return `not settled in ${series}`;
    return error.fits.length === 0 ? 'fits no known release' : `not ${series}, fits ${seriesRanges(error.fits)}`;
  }
}

function namesIn(mask: number, kernel: string, config: GfpConfig | undefined): string {
  const id = gfpRelease(kernel).layouts[0] as string;
  const layouts = configsMatching(config).map((full) => buildLayout(id, full));
  const layout = layouts.find((candidate) => (mask & ~candidate.allBits) === 0) ?? layouts[0];
  return layout === undefined ? hexGfp(mask) : formatInLayout(mask, layout, 'trace');
}

/** Reads by every series that is possible; those that agree share one reading. */
function noteOfUnknown(halves: Halves, origin: GfpOrigin, era: HexEra): string {
  const bareHex = halves.names === undefined;
  const text = bareHex ? (halves.hex as string) : joined(halves);
  const last = bareHex ? seriesIndex(era) : Number.POSITIVE_INFINITY;
  const readings = new Map<string, string[]>();
  for (const series of origin.series) {
    if (seriesIndex(series) > last) continue;
    const note = readIn(text, series, bareHex, origin.config);
    if (note === undefined) continue;
    readings.set(note, [...(readings.get(note) ?? []), series]);
  }
  const [only] = readings.keys();
  if (only === undefined) return bareHex ? 'give --kernel' : 'fits no known release';
  if (readings.size === 1 && !bareHex) return only;
  if (readings.size > MOST_READINGS) return `${readings.size} readings, give --kernel`;
  return [...readings].map(([note, series]) => `${seriesRanges(series)} ${note}`).join('; ');
}

function joined(halves: Halves): string {
  return halves.hex === undefined ? (halves.names as string) : `${halves.hex}(${halves.names})`;
}

function readIn(text: string, kernel: string, bareHex: boolean, config?: GfpConfig): string | undefined {
  const options = { kernel, ...(config === undefined ? {} : { config }) };
  try {
    const { mask } = parseGfp(text, options);
    const permissions = permissionsOf(mask, options);
    if (!bareHex) return permissionMarks(permissions);
    // Numbers of kernels before 4.4 read as masks without any reclaim here, or with bits that have no name.
    if (!permissions.mayBlock && !permissions.wakesKswapd) return undefined;
    // 4.4 and 4.5 leave the underscores out; written alike, the two spellings are one reading.
    const names = namesIn(mask, kernel, config).replace(/__GFP/g, 'GFP');
    return /0x/.test(names) ? undefined : `${names} ${permissionMarks(permissions)}`;
  } catch (error) {
    if (!(error instanceof GfpError)) throw error;
    return undefined;
  }
}

/** The series that a pair of number and names leaves possible; all of `series` if the pair fits none of them. */
export function narrow(series: readonly string[], value: string): readonly string[] {
  const halves = splitValue(value);
  if (halves?.hex === undefined || halves.names === undefined) return series;
  const fits = guessKernel(parseHex(halves.hex), halves.names).series;
  const both = series.filter((name) => fits.includes(name));
  return both.length > 0 ? both : fits.length > 0 ? fits : series;
}

/** Every series: nothing is known yet. */
export function anySeries(): readonly string[] {
  return gfpSeries();
}
