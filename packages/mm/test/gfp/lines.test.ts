import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { annotateGfpLine, findGfp, formatGfp, GfpError, guessKernel, parseGfp } from '../../src/gfp/index.ts';

interface Line {
  readonly version: string;
  readonly hex: string;
  readonly names: string;
  readonly raw: string;
}

const lines: Line[] = readFileSync(new URL('fixtures/gfp-lines.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((row) => {
    const [version, hex, names, raw] = row.split('\t') as [string, string, string, string];
    return { version, hex, names, raw };
  });

/** Kernels that are not what their number says: a linux-next with the printer of 4.6, and SUSE's 4.4 with bits of 4.10. */
const VENDOR = ['4.5.0-rc6-next-20160302', '4.4.68 (SUSE SLE12 vendor kernel)'];

const guessed = lines.filter((line) => line.version.includes('guess'));
const known = lines.filter((line) => !line.version.includes('guess') && !VENDOR.includes(line.version));
const vendor = lines.filter((line) => VENDOR.includes(line.version));

describe('pairs of number and names from real logs', () => {
  it('are as many as the file has', () => {
    expect([known.length, guessed.length, vendor.length]).toEqual([28, 12, 2]);
  });

  it.each(known)('$version prints $hex as $names', ({ version, hex, names, raw }) => {
    expect(formatGfp(Number(hex), { kernel: version })).toBe(names);
    expect(parseGfp(`${hex}(${names})`, { kernel: version }).mask).toBe(Number(hex));
    expect(parseGfp(names, { kernel: version }).mask).toBe(Number(hex));
    expect(parseGfp(raw, { kernel: version })).toMatchObject({ mask: Number(hex), form: 'hex+names', printed: true });
  });

  it.each(guessed)('some release prints $hex as $names ($version)', ({ hex, names, raw }) => {
    expect(guessKernel(hex, names).series).not.toEqual([]);
    expect(findGfp(raw)[0]).toMatchObject({ hex, names });
  });

  it.each(vendor)('$version is refused, and the releases that print so are named', ({ version, hex, names }) => {
    expect(formatGfp(Number(hex), { kernel: version })).not.toBe(names);
    try {
      parseGfp(`${hex}(${names})`, { kernel: version });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(GfpError);
      expect((error as GfpError).code).toBe('GFP_TEXT_OTHER_RELEASE');
      expect((error as GfpError).fits).toContain(version.startsWith('4.5') ? '4.6' : '4.10');
    }
  });

  it.each(lines)('annotated, the line of $version is the same line with notes', ({ raw, hex }) => {
    const annotated = annotateGfpLine(raw);
    expect(annotated).toContain('{gfp: ');
    expect(annotated.replace(/\{gfp: [^}]*\}/g, '')).toBe(raw);
    expect(annotated).toContain(hex);
    expect(annotateGfpLine(annotated)).toBe(annotated);
  });
});
