import type { DescribeGfpOptions, GfpReading } from '@faultpath/mm/gfp';
import { linesOf } from './lines.ts';

/** One text of a mask in a log, with how often it stands there. `problem` where it is no mask of any release. */
export interface LoggedMask {
  readonly text: string;
  /** 1-based. */
  readonly firstLine: number;
  count: number;
  readonly readings: readonly GfpReading[];
  readonly problem?: { readonly code: string; readonly message: string };
}

/** Different masks of a log; a damaged log must not fill the memory. */
const mostMasks = 4096;

/** Collects the masks of a log, each text once. `omitted` counts those past the first 4096 different ones. */
export async function collectMasks(
  input: AsyncIterable<Uint8Array>,
  options: DescribeGfpOptions,
): Promise<{ readonly lines: number; readonly masks: readonly LoggedMask[]; readonly omitted: number }> {
  const { describeGfp, findGfp, GfpError } = await import('@faultpath/mm/gfp');
  const masks = new Map<string, LoggedMask>();
  let omitted = 0;
  let lines = 0;
  const take = (line: string): void => {
    lines++;
    for (const { start, end } of findGfp(line)) {
      const text = line.slice(start, end);
      const known = masks.get(text);
      if (known !== undefined) known.count++;
      else if (masks.size === mostMasks) omitted++;
      else masks.set(text, { text, firstLine: lines, count: 1, ...read(text) });
    }
  };
  const read = (text: string): Pick<LoggedMask, 'readings' | 'problem'> => {
    try {
      return { readings: describeGfp(text, options).flatMap((mask) => mask.readings) };
    } catch (error) {
      if (!(error instanceof GfpError)) throw error;
      return { readings: [], problem: { code: error.code, message: error.message } };
    }
  };
  for await (const line of linesOf(input)) take(line);
  return { lines, masks: [...masks.values()], omitted };
}
