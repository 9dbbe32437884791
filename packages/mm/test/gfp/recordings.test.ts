import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { annotateGfpLine, findGfp, formatGfp, parseGfp } from '../../src/gfp/index.ts';

const folder = new URL('fixtures/', import.meta.url);
const recordings = readdirSync(folder).filter((name) => name.endsWith('.txt.gz'));

describe('recordings of real kernels', () => {
  it('are three', () => {
    expect(recordings).toHaveLength(3);
  });

  it.each(recordings)('%s: each mask prints back to the same text', (name) => {
    const kernel = name.split('-')[0] as string;
    const text = gunzipSync(readFileSync(new URL(name, folder))).toString('latin1');
    const masks = [...text.matchAll(/(?:gfp_flags|gfp_mask)[= ](\S+)/g)].map((match) => match[1] as string);
    expect(masks.length).toBeGreaterThan(10);
    for (const mask of masks) {
      const parsed = parseGfp(mask, { kernel });
      expect(formatGfp(parsed.mask, { kernel, style: 'trace' })).toBe(mask);
      expect(parsed.printed).toBe(true);
    }
    expect(findGfp(text).map((found) => found.names)).toEqual(masks);
    const annotated = annotateGfpLine(text, { kernel });
    expect(annotated.split('{gfp: ').length - 1).toBe(masks.length);
    expect(annotated.replace(/\{gfp: [^}]*\}/g, '')).toBe(text);
  });
});
