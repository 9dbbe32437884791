import { GfpAnnotator } from './annotator.ts';
import type { AnnotateGfpOptions } from './notes.ts';

/** What the filter needs of its output: a Node.js writable, such as `process.stdout`. */
export interface GfpFilterOutput {
  write(bytes: Uint8Array): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

/** What went through the filter. */
export interface GfpFilterCount {
  readonly bytes: number;
  /** Masks that got a note. */
  readonly annotated: number;
}

/**
 * The body of `faultpath gfp -`: reads to the end, annotates, waits when the output is full. Read in large pieces
 * (`highWaterMark: 1 << 20`) where speed matters. Errors of input and output are the caller's, a closed pipe included.
 * @throws GfpError `GFP_KERNEL_UNKNOWN`
 */
export async function filterGfp(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  output: GfpFilterOutput,
  options: AnnotateGfpOptions = {},
): Promise<GfpFilterCount> {
  const annotator = new GfpAnnotator(options);
  let bytes = 0;
  for await (const piece of input) {
    bytes += piece.length;
    await send(annotator.push(piece), output);
  }
  await send(annotator.end(), output);
  return { bytes, annotated: annotator.annotated };
}

async function send(finished: Uint8Array, output: GfpFilterOutput): Promise<void> {
  if (finished.length === 0) return;
  // The annotator reuses its bytes, and a writable may keep them for later.
  if (!output.write(Buffer.from(finished))) await new Promise<void>((resolve) => output.once('drain', resolve));
}
