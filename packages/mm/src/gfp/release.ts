import { SERIES_ROWS, type SeriesRow } from './data/series.ts';
import { GfpError } from './errors.ts';

/** A release string, resolved: its series, the layouts it may have, and how they are known. */
export interface GfpRelease {
  /** `4.9`, `6.1`, or `mainline`. */
  readonly series: string;
  /** Position in the list of known series: later releases have larger ones. */
  readonly index: number;
  /** More than one where the source does not settle it. */
  readonly layouts: readonly string[];
  readonly evidence: SeriesRow['evidence'];
  /** A vendor kernel that is known to differ from its number. */
  readonly vendor?: 'rhel8';
}

const resolved = new Map<string, GfpRelease>();

/** The first 4.14.y read without `__GFP_NOTRACK`. */
const FIRST_LATE_4_14 = 74;

/**
 * Resolves `4.9`, `v4.9`, `6.1.0-56-amd64`, `6.19-rc5` and the like; `mainline` is what followed 7.2.
 * @throws GfpError `GFP_KERNEL_UNKNOWN` for a release outside the table, or text that is no release.
 */
export function gfpRelease(kernel: string): GfpRelease {
  const known = resolved.get(kernel);
  if (known !== undefined) return known;
  const release = resolve(kernel);
  resolved.set(kernel, release);
  return release;
}

function resolve(kernel: string): GfpRelease {
  const text = String(kernel).trim();
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?![\d.]*\d)(.*)$/.exec(text);
  const series = match === null ? text : `${match[1]}.${match[2]}`;
  const index = seriesIndex(series);
  const row = SERIES_ROWS[index];
  if (row === undefined) {
    const first = SERIES_ROWS[0]?.series;
    throw new GfpError(
      'GFP_KERNEL_UNKNOWN',
      `'${text}' is no release with a known gfp layout. Known: ${first} to ${lastRelease()}, and 'mainline'; ` +
        "write for example '6.1', 'v4.9' or '6.1.0-56-amd64'",
      gfpSeries(),
    );
  }
  const layouts = series === '4.14' ? layoutsOf414(row.layouts, match?.[3], match?.[4] ?? '') : row.layouts;
  const vendor = series === '4.18' && /\.el8/.test(text) ? ({ vendor: 'rhel8' } as const) : {};
  return { series, index, layouts, evidence: row.evidence, ...vendor };
}

/** Distributions keep `.0` for every update (`4.14.0-3-amd64`), so only a bare `.0` and an `-rc` are early. */
function layoutsOf414(both: readonly string[], patch: string | undefined, rest: string): readonly string[] {
  if (/^-rc\d/.test(rest) || (patch === '0' && rest === '')) return both.slice(0, 1);
  if (patch !== undefined && Number(patch) >= FIRST_LATE_4_14) return both.slice(1);
  return both;
}

/** Position of a series in the table, or -1. */
export function seriesIndex(series: string): number {
  return SERIES_ROWS.findIndex((row) => row.series === series);
}

/** Every known release series, oldest first; `mainline` is last. */
export function gfpSeries(): readonly string[] {
  return SERIES_ROWS.map((row) => row.series);
}

function lastRelease(): string {
  return SERIES_ROWS[SERIES_ROWS.length - 2]?.series ?? '';
}

/** Series in words, runs joined: `4.4 to 4.9, 6.1`. */
export function seriesRanges(series: readonly string[]): string {
  const indexes = [...new Set(series.map(seriesIndex))].filter((index) => index >= 0).sort((a, b) => a - b);
  const runs: string[] = [];
  for (let at = 0; at < indexes.length; ) {
    let end = at;
    while (end + 1 < indexes.length && (indexes[end + 1] as number) === (indexes[end] as number) + 1) end++;
    const first = SERIES_ROWS[indexes[at] as number]?.series ?? '';
    const last = SERIES_ROWS[indexes[end] as number]?.series ?? '';
    runs.push(at === end ? first : `${first} to ${last}`);
    at = end + 1;
  }
  return runs.join(', ');
}
