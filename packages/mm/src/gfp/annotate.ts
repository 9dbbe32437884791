import { GfpError } from './errors.ts';
import { endOfValue, findGfp, LONGEST_LEAD, LONGEST_VALUE, LOOK_BEHIND, NEEDLES, valueAt } from './find.ts';
import type { GfpConfig } from './layout.ts';
import { anySeries, type GfpOrigin, type HexEra, narrow, noteFor } from './reading.ts';
import { gfpRelease } from './release.ts';

export interface AnnotateGfpOptions {
  /**
   * The release that wrote the log. Without it a `Linux version` line in the log decides, and until there is one, what
   * the log's own pairs of number and names leave possible.
   */
  readonly kernel?: string;
  readonly config?: GfpConfig;
}

/** How every note begins; a mask that has one already is left alone. */
const NOTE = '{gfp: ';
const BANNER = 'Linux version ';
/** Notes are kept per text of a mask; a log has few different ones, and a damaged log must not fill the memory. */
const MOST_NOTES = 4096;
/** A value this near to the end of a piece may go on in the next one. */
const WINDOW = 2 * LONGEST_VALUE + LONGEST_LEAD;
/** So much is kept back at the end of a piece that no needle can be cut in two unseen. */
const TAIL = 32;

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

/** The notes for the masks of one log, and what is known of its kernel. */
class Notes {
  private origin: GfpOrigin;
  private readonly fixed: boolean;
  private readonly known = new Map<string, string | undefined>();

  constructor(options: AnnotateGfpOptions) {
    if (options.kernel !== undefined) gfpRelease(options.kernel);
    this.fixed = options.kernel !== undefined;
    this.origin = {
      ...(options.kernel === undefined ? {} : { kernel: options.kernel }),
      ...(options.config === undefined ? {} : { config: options.config }),
      series: options.kernel === undefined ? anySeries() : [],
    };
  }

  /** The note for the value at `start`, or undefined for no mask and for one that has its note. */
  get(text: string, start: number, end: number): string | undefined {
    const value = text.slice(start, end);
    const bareHex = text.charCodeAt(start) === 0x30 && text.charCodeAt(end - 1) !== 0x29;
    if (bareHex && this.origin.kernel === undefined) return this.bareHex(value, text, start, end);
    let note = this.known.get(value);
    if (note === undefined && !this.known.has(value)) {
      this.learn(value);
      note = this.remember(value, noteFor(value, this.origin, '4.5'));
    }
    return note === undefined || text.startsWith(NOTE, end) ? undefined : note;
  }

  /** Where the release is open, the place of a bare number says in which releases it can stand. */
  private bareHex(value: string, text: string, start: number, end: number): string | undefined {
    if (text.startsWith(NOTE, end)) return undefined;
    const before = text.slice(Math.max(0, start - LOOK_BEHIND), start);
    const line = before.slice(before.lastIndexOf('\n') + 1);
    const era: HexEra = line.includes('allocation deadlock') ? '6.8' : line.includes('mm_compaction_') ? '5.1' : '4.5';
    const key = `${era} ${value}`;
    if (this.known.has(key)) return this.known.get(key);
    return this.remember(key, noteFor(value, this.origin, era));
  }

  private remember(key: string, note: string | undefined): string | undefined {
    if (this.known.size >= MOST_NOTES) this.known.clear();
    this.known.set(key, note);
    return note;
  }

  private learn(value: string): void {
    if (this.origin.kernel !== undefined) return;
    const series = narrow(this.origin.series, value);
    if (series.length === this.origin.series.length && series.every((name) => this.origin.series.includes(name)))
      return;
    this.origin = { ...this.origin, series };
    this.known.clear();
  }

  /** Takes the release from a `Linux version 6.1.0-56-amd64 (…` line; an unknown one changes nothing. */
  banner(text: string, at: number): void {
    if (this.fixed) return;
    const match = /^[\w.+~-]+/.exec(text.slice(at + BANNER.length, at + BANNER.length + 64));
    if (match === null || match[0] === this.origin.kernel) return;
    try {
      gfpRelease(match[0]);
    } catch (error) {
      if (error instanceof GfpError) return;
      throw error;
    }
    this.origin = { ...this.origin, kernel: match[0] };
    this.known.clear();
  }

  /** Whether `Linux version` lines matter. */
  get open(): boolean {
    return !this.fixed;
  }
}

/**
 * Annotates a log that comes in pieces of any size. Bytes that are no mask pass unchanged, whatever their encoding;
 * memory does not grow with the log, nor with the length of its lines.
 */
export class GfpAnnotator {
  private readonly notes: Notes;
  private work: Buffer = Buffer.allocUnsafe(1 << 16);
  /** Bytes at the start of `work`: passed on already, kept to look behind, up to `emitted`; then not passed on yet. */
  private kept = 0;
  private emitted = 0;
  /** Masks that got a note so far. */
  annotated = 0;

  /** @throws GfpError `GFP_KERNEL_UNKNOWN` */
  constructor(options: AnnotateGfpOptions = {}) {
    this.notes = new Notes(options);
  }

  /** Takes the next piece, and gives back what is finished. */
  push(piece: Uint8Array): Buffer {
    const size = this.kept + piece.length;
    if (size > this.work.length) {
      const larger = Buffer.allocUnsafe(size);
      this.work.copy(larger, 0, 0, this.kept);
      this.work = larger;
    }
    this.work.set(piece, this.kept);
    return this.run(size, false);
  }

  /** No more pieces: gives back the rest. */
  end(): Buffer {
    return this.run(this.kept, true);
  }

  private run(size: number, final: boolean): Buffer {
    const bytes = this.work.subarray(0, size);
    const text = bytes.toString('latin1');
    const next = NEEDLES.map(() => -1);
    let banner = this.notes.open ? -1 : size;
    let out = '';
    let done = this.emitted;
    let from = this.emitted;
    let stop = final ? size : Math.max(this.emitted, size - TAIL);
    while (from < size) {
      let at = size;
      let which = -1;
      for (let needle = 0; needle < NEEDLES.length; needle++) {
        let hit = next[needle] as number;
        if (hit < from) {
          const word = NEEDLES[needle] as string;
          hit = needle === 0 ? text.indexOf(word, from) : bytes.indexOf(word, from, 'latin1');
          if (hit < 0) hit = size;
          next[needle] = hit;
        }
        if (hit < at) {
          at = hit;
          which = needle;
        }
      }
      while (banner < at) {
        const hit = bytes.indexOf(BANNER, Math.max(from, banner + 1), 'latin1');
        banner = hit < 0 ? size : hit;
        if (banner < at) this.notes.banner(text, banner);
      }
      if (which < 0) break;
      if (!final && at + LONGEST_LEAD + 16 > size) {
        stop = Math.min(stop, at);
        break;
      }
      from = at + 1;
      const start = valueAt(which, text, at);
      if (start < 0) continue;
      const end = endOfValue(text, start);
      if (!final && end + NOTE.length + 2 > size && size - at < WINDOW) {
        stop = Math.min(stop, at);
        break;
      }
      if (end === start) continue;
      from = end;
      const note = this.notes.get(text, start, end);
      if (note === undefined) continue;
      this.annotated++;
      out += text.slice(done, end) + note;
      done = end;
    }
    stop = Math.max(stop, done);
    const result =
      done === this.emitted
        ? Buffer.from(bytes.subarray(done, stop))
        : Buffer.from(out + text.slice(done, stop), 'latin1');
    const keepFrom = Math.max(0, stop - LOOK_BEHIND);
    this.work.copyWithin(0, keepFrom, size);
    this.kept = size - keepFrom;
    this.emitted = stop - keepFrom;
    return result;
  }
}

/**
 * The filter form: annotates a stream of bytes. Give it large pieces (a megabyte) where speed matters.
 * @throws GfpError `GFP_KERNEL_UNKNOWN`
 */
export async function* annotateGfpStream(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: AnnotateGfpOptions = {},
): AsyncGenerator<Buffer, void, undefined> {
  const annotator = new GfpAnnotator(options);
  for await (const piece of input) {
    const done = annotator.push(piece);
    if (done.length > 0) yield done;
  }
  const rest = annotator.end();
  if (rest.length > 0) yield rest;
}
