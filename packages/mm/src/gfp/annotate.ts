import { findGfp } from './find.ts';
import { type AnnotateGfpOptions, Notes } from './notes.ts';

/**
 * Puts a note behind every gfp mask of one line, and changes nothing else: `gfp_flags=GFP_NOFS` becomes
 * `gfp_flags=GFP_NOFS{gfp: 0xc40 +reclaim +io -fs}` when the release is known. See `GfpAnnotator` for streams.
 * @throws GfpError `GFP_KERNEL_UNKNOWN`
 */
export function annotateGfpLine(line: string, options: AnnotateGfpOptions = {}): string {
  const notes = new Notes(options);
  let out = '';
  let done = 0;
  for (const { start, end } of findGfp(line)) {
    const note = notes.get(line, start, end);
    if (note === undefined) continue;
    out += line.slice(done, end) + note;
    done = end;
  }
  return out + line.slice(done);
}
