import { seriesWithBits } from './bits.ts';
import type { GfpScopes } from './context.ts';
import { GfpError } from './errors.ts';
import { type ExplainGfpOptions, explainGfp, type GfpExplanation } from './explain.ts';
import { findGfp } from './find.ts';
import { hexGfp } from './format.ts';
import { guessKernel } from './guess.ts';
import type { GfpConfig } from './layout.ts';
import { type ParsedGfp, parseGfp, singleValue } from './parse.ts';
import { permissionMarks } from './reading.ts';
import { gfpSeries, seriesRanges } from './release.ts';

export interface DescribeGfpOptions {
  /** The release; without it every release that fits is tried, and those that agree are told together. */
  readonly kernel?: string;
  readonly config?: GfpConfig;
  readonly scopes?: GfpScopes;
}

/** One way to read a mask, and the release series that read it so. */
export interface GfpReading {
  readonly series: readonly string[];
  readonly explanation: GfpExplanation;
  readonly notes: readonly string[];
  /** Other masks with the same text: 4.4 and 4.5 only. */
  readonly alternatives: readonly number[];
}

/** One mask of the input with its readings, the oldest releases first. There is at least one. */
export interface GfpDescription {
  readonly text: string;
  readonly readings: readonly GfpReading[];
}

/**
 * What `faultpath gfp <text>…` prints, as data: each mask in the text, read by the release, or by all that fit.
 * @throws GfpError the codes of `parseGfp` and `explainGfp`; without a release, `GFP_TEXT_NO_RELEASE` if none fits
 */
export function describeGfp(text: string, options: DescribeGfpOptions = {}): readonly GfpDescription[] {
  const found = findGfp(text);
  const pieces = found.length > 1 ? found.map((at) => text.slice(at.start, at.end)) : [text];
  return pieces.map((piece) => describeOne(piece, options));
}

function describeOne(text: string, options: DescribeGfpOptions): GfpDescription {
  const { kernel } = options;
  if (kernel !== undefined) {
    const { explanation, parsed } = readIn(text, kernel, options);
    return { text, readings: [reading([explanation.series], explanation, parsed)] };
  }
  const groups = new Map<string, { series: string[]; explanation: GfpExplanation; parsed: ParsedGfp }>();
  let failure: GfpError | undefined;
  for (const series of gfpSeries()) {
    try {
      const { explanation, parsed } = readIn(text, series, options);
      const key = JSON.stringify([explanation.hex, explanation.names, explanation.permissions, parsed.notes]);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { series: [series], explanation, parsed });
      else group.series.push(series);
    } catch (error) {
      if (!(error instanceof GfpError)) throw error;
      failure = error;
    }
  }
  if (groups.size === 0) throw noReading(text, options, failure as GfpError);
  const readings = [...groups.values()].map((group) => reading(group.series, group.explanation, group.parsed));
  return { text, readings };
}

function readIn(text: string, kernel: string, options: DescribeGfpOptions) {
  const base = options.config === undefined ? { kernel } : { kernel, config: options.config };
  const parsed = parseGfp(text, base);
  const explain: ExplainGfpOptions = options.scopes === undefined ? base : { ...base, scopes: options.scopes };
  return { parsed, explanation: explainGfp(parsed.mask, explain) };
}

function reading(series: readonly string[], explanation: GfpExplanation, parsed: ParsedGfp): GfpReading {
  return { series, explanation, notes: parsed.notes, alternatives: parsed.alternatives };
}

/** Of many failures, the one that says most: what the text would need. */
function noReading(text: string, options: DescribeGfpOptions, last: GfpError): GfpError {
  const value = singleValue(text);
  if (value.hex !== undefined && value.names !== undefined) {
    const fits = guessKernel(value.hex, value.names).series;
    return new GfpError('GFP_TEXT_NO_RELEASE', `no known release prints ${value.hex}(${value.names})`, fits);
  }
  if (value.hex !== undefined && seriesWithBits(Number(value.hex), options.config).length === 0) {
    return new GfpError('GFP_BIT_IMPOSSIBLE', `no known release sets all bits of ${value.hex}`);
  }
  return last;
}

/**
 * A description as text for a terminal: one line a reading, or with `explain` its sentences below it.
 */
export function renderGfp(
  descriptions: readonly GfpDescription[],
  options: { readonly explain?: boolean } = {},
): string {
  const lines: string[] = [];
  for (const { readings } of descriptions) {
    for (const { series, explanation, notes, alternatives } of readings) {
      lines.push(`${seriesRanges(series)}: ${maskText(explanation)}  ${permissionMarks(explanation.permissions)}`);
      for (const note of notes) lines.push(`  note: ${note}`);
      for (const mask of alternatives) lines.push(`  note: ${hexGfp(mask)} is printed in the same way`);
      if (options.explain === true) for (const sentence of explanation.sentences) lines.push(`  ${sentence}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Number and names; where a scope changed the mask, also what the allocator sees, because the marks are of that. */
function maskText({ mask, hex, names, effective, effectiveNames }: GfpExplanation): string {
  const given = `${hex} ${names}`;
  return mask === effective ? given : `${given} -> ${hexGfp(effective)} ${effectiveNames}`;
}
