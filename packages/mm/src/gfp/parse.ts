import { impossibleBits } from './bits.ts';
import { OLD_NAMES } from './data/old-names.ts';
import { GfpError } from './errors.ts';
import { findGfp, splitValue } from './find.ts';
import { formatInLayout, hexGfp } from './format.ts';
import { guessKernel, parseHex } from './guess.ts';
import { ambiguous, buildLayout, configsMatching, type GfpLayout, type GfpOptions } from './layout.ts';
import { maskOfName, unknownName } from './mask.ts';
import { type GfpRelease, gfpRelease, gfpSeries, seriesRanges } from './release.ts';

/** What a text says. */
export interface ParsedGfp {
  readonly mask: number;
  /** Which halves the text had. */
  readonly form: 'hex' | 'names' | 'hex+names';
  /** The layout by which it was read. */
  readonly layout: string;
  /** The release prints exactly these names for this mask; false for names that a person wrote in another order. */
  readonly printed: boolean;
  /** Other masks that this release prints in the same way: only 4.4 and 4.5, whose names are not unique. */
  readonly alternatives: readonly number[];
  /** What the reader ought to know, such as a name's replacement. */
  readonly notes: readonly string[];
}

/**
 * Reads a mask in any form that logs have: `0xcc0`, `GFP_KERNEL|__GFP_ZERO`, `GFP_KERNEL|0x2000000`, `none`,
 * `mode:0x40dc0(GFP_KERNEL|…)`, `gfp_mask=…`, `gfp_flags=…`, `gfp=…`, or a whole log line with one mask in it.
 * Names may stand in any order. `__GFP_WAIT` of the time before 4.4 is read as what replaced it, with a note.
 * @throws GfpError `GFP_TEXT_INVALID`, `GFP_NAME_UNKNOWN`, `GFP_NAME_NOT_IN_RELEASE`, `GFP_BIT_IMPOSSIBLE`,
 * `GFP_TEXT_OTHER_RELEASE`, `GFP_TEXT_NO_RELEASE`, `GFP_KERNEL_UNKNOWN`, `GFP_KERNEL_AMBIGUOUS`; `fits` has the series
 * in which the text would have been right
 */
export function parseGfp(text: string, options: GfpOptions): ParsedGfp {
  const value = singleValue(text);
  const release = gfpRelease(options.kernel);
  const readings: ParsedGfp[] = [];
  let failure: GfpError | undefined;
  for (const id of release.layouts) {
    try {
      readings.push(read(value, id, options, release));
    } catch (error) {
      if (!(error instanceof GfpError)) throw error;
      failure ??= error;
    }
  }
  const [first, second] = readings;
  if (first === undefined) throw failure as GfpError;
  if (second !== undefined && second.mask !== first.mask) {
    throw ambiguous(release, `'${text.trim()}' is ${hexGfp(first.mask)} or ${hexGfp(second.mask)}`);
  }
  return first;
}

type Value = NonNullable<ReturnType<typeof splitValue>>;

/** The one mask of a text: the whole text, or what a log line announces. */
export function singleValue(text: string): Value {
  const trimmed = text.trim().replace(/^\(?(?:gfp_mask[= ]|gfp_flags[= ]|gfp(?:=|: )|mode:|mask )/, '');
  const bare = splitValue(trimmed.replace(/\s*\|\s*/g, '|')) ?? splitValue(trimmed.toLowerCase());
  if (bare !== undefined) return bare;
  const found = findGfp(text);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  // A person may write a name wrongly; say which one, rather than that this is no mask.
  if (found.length === 0 && /^[\w|\s]*GFP_[\w|\s]*$/.test(trimmed)) return { names: trimmed.replace(/\s+/g, '') };
  throw new GfpError(
    'GFP_TEXT_INVALID',
    found.length > 1
      ? `the text has ${found.length} masks; give one of them`
      : `'${trimmed.slice(0, 80)}' has no gfp mask: give 0x…, names joined by |, or a log line with mode:, gfp_mask= or gfp_flags=`,
  );
}

function read(value: Value, id: string, options: GfpOptions, release: GfpRelease): ParsedGfp {
  const layouts = configsMatching(options.config).map((config) => buildLayout(id, config));
  if (value.hex === undefined) return readNames(value.names as string, layouts, release);
  const mask = parseHex(value.hex);
  const layout = layouts.find((candidate) => (mask & ~candidate.allBits) === 0);
  if (value.names === undefined) {
    if (layout === undefined) throw impossible(mask, layouts, release);
    return { mask, form: 'hex', layout: id, printed: true, alternatives: [], notes: [] };
  }
  const agrees = layouts.some((candidate) => formatInLayout(mask, candidate) === value.names);
  if (!agrees) throw otherRelease(mask, value.names, release);
  const notes =
    layout === undefined
      ? [`${hexGfp(mask)} has a bit that mainline ${release.series} never sets: a vendor flag?`]
      : [];
  return { mask, form: 'hex+names', layout: id, printed: true, alternatives: [], notes };
}

function readNames(names: string, layouts: readonly GfpLayout[], release: GfpRelease): ParsedGfp {
  const tokens = names.split('|').filter((token) => token !== '');
  if (tokens.length === 0) throw new GfpError('GFP_TEXT_INVALID', 'the list of names is empty');
  const notes = tokens.flatMap((token) => (OLD_NAMES[token] === undefined ? [] : [OLD_NAMES[token].note]));
  const [likeliest] = layouts;
  if (names === likeliest?.traceZero && maskOfName(names, likeliest, release) !== undefined) {
    notes.push(`${release.series} prints ${names} for 0; the flag of that name is not what such a text means`);
  }
  for (const layout of layouts) {
    const masks = masksOfNames(tokens, layout, release);
    if (masks === undefined) continue;
    const printing = masks.filter(
      (mask) => formatInLayout(mask, layout) === names || formatInLayout(mask, layout, 'trace') === names,
    );
    const [mask, ...alternatives] = printing.length > 0 ? printing : masks.slice(0, 1);
    if (((mask as number) & ~layout.allBits) !== 0) continue;
    return {
      mask: mask as number,
      form: 'names',
      layout: layout.id,
      printed: printing.length > 0,
      alternatives,
      notes,
    };
  }
  for (const token of tokens) {
    if (
      token !== 'none' &&
      !token.startsWith('0x') &&
      layouts.every((layout) => tokenMasks(token, layout, release).length === 0)
    ) {
      throw unknownToken(token, release);
    }
  }
  const rest = tokens
    .filter((token) => token.startsWith('0x'))
    .reduce((mask, token) => (mask | parseHex(token)) >>> 0, 0);
  throw impossible(rest, layouts, release);
}

/** Every mask that the tokens can mean; more than one only where a printed name is not unique. */
function masksOfNames(tokens: readonly string[], layout: GfpLayout, release: GfpRelease): number[] | undefined {
  if (tokens.length === 1 && tokens[0] === layout.traceZero) {
    const named = maskOfName(layout.traceZero, layout, release);
    return named === undefined ? [0] : [0, named];
  }
  let masks = [0];
  for (const token of tokens) {
    const meanings = tokenMasks(token, layout, release);
    if (meanings.length === 0) return undefined;
    masks = masks.flatMap((mask) => meanings.map((meaning) => (mask | meaning) >>> 0));
  }
  return [...new Set(masks)];
}

function tokenMasks(token: string, layout: GfpLayout, release: GfpRelease): number[] {
  if (token.startsWith('0x')) return [parseHex(token)];
  const old = OLD_NAMES[token];
  if (old !== undefined) return [maskOfName(old.now, layout, release) as number];
  const printed = layout.printer.filter((entry) => entry.name === token).map((entry) => entry.mask);
  const named = maskOfName(token, layout, release);
  if (named !== undefined) printed.unshift(named);
  // Before 4.6 single flags were printed, and are found in old logs, without underscores.
  const bare = layout.printkNames || printed.length > 0 ? undefined : layout.bits.get(`__${token}`);
  return bare === undefined ? [...new Set(printed)] : [bare];
}

function unknownToken(token: string, release: GfpRelease): GfpError {
  const fits = gfpSeries().filter((series) => {
    const other = gfpRelease(series);
    return other.layouts.some((id) =>
      configsMatching().some((config) => tokenMasks(token, buildLayout(id, config), other).length > 0),
    );
  });
  if (fits.length === 0 || fits.includes(release.series)) return unknownName(token, release);
  return new GfpError(
    'GFP_NAME_NOT_IN_RELEASE',
    `${release.series} has no '${token}'; logs of ${seriesRanges(fits)} have it`,
    fits,
  );
}

function impossible(mask: number, layouts: readonly GfpLayout[], release: GfpRelease): GfpError {
  const all = layouts.reduce((bits, layout) => bits | layout.allBits, 0);
  return impossibleBits(mask, all, release.series);
}

function otherRelease(mask: number, names: string, release: GfpRelease): GfpError {
  const { series, text } = guessKernel(mask, names);
  const pair = `${hexGfp(mask)}(${names})`;
  if (series.length === 0) {
    return new GfpError('GFP_TEXT_NO_RELEASE', `no known release prints ${pair}: a vendor kernel, or a damaged log`);
  }
  return new GfpError('GFP_TEXT_OTHER_RELEASE', `${release.series} does not print ${pair}; ${text} would`, series);
}
