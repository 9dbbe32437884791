import { endOfValue, LONGEST_LEAD, LONGEST_VALUE, LOOK_BEHIND, NEEDLES, valueAt } from './find.ts';
import { type AnnotateGfpOptions, BANNER, hasNote, NOTE, Notes } from './notes.ts';
import { indexOfGfp } from './scan.ts';

/** So much is looked at in one go: small enough to stay in the processor's caches. */
const PIECE = 1 << 16;
/** From a needle on, all that decides: what leads to the value, the value, and a note behind it. */
const WINDOW = LONGEST_LEAD + LONGEST_VALUE + 32;
/** A needle, what follows it, and the first character of the value fit in this. */
const LEAD = LONGEST_LEAD + 16;
/** The longest release string that a banner is read for. */
const RELEASE = 64;
/** So much is kept back at the end of a piece that no needle can be cut in two unseen. */
const TAIL = 32;
/** Where the finished bytes begin: behind one piece and all that may be kept of the one before. */
const FINISHED = PIECE + LOOK_BEHIND + WINDOW + LEAD + RELEASE;
/** The first characters of `0x`, `GFP_`, `__GFP_` and `none`. */
const FIRST = new Set(['0', 'G', '_', 'n'].map((character) => character.charCodeAt(0)));

const NOTE_START = NOTE.charCodeAt(0);
const EMPTY = new Uint8Array(0);

/**
 * Where the value behind a `gfp` begins, or -1 if there is none: the same question that `valueAt` answers, asked of bytes
 * because it is asked for every event of a trace.
 */
function startInBytes(bytes: Uint8Array, at: number): number {
  let next = at + 3;
  for (let byte = bytes[next] as number; next < at + 9 && (byte === 0x5f || (byte >= 0x61 && byte <= 0x7a)); ) {
    byte = bytes[++next] as number;
  }
  const separator = bytes[next];
  const start = separator === 0x3a && bytes[next + 1] === 0x20 ? next + 2 : next + 1;
  if (separator !== 0x3d && separator !== 0x20 && start !== next + 2) return -1;
  return FIRST.has(bytes[start] as number) ? start : -1;
}

/**
 * Annotates a log that comes in pieces of any size. Bytes that are no mask pass unchanged, whatever their encoding;
 * memory does not grow with the log, nor with the length of its lines.
 */
export class GfpAnnotator {
  private readonly notes: Notes;
  private readonly needles: readonly string[];
  /**
   * What is worked on, and from `FINISHED` on what is finished: one buffer, because `copyWithin` is by far the cheapest
   * way to move the short runs of bytes between two masks.
   */
  private memory: Buffer = Buffer.allocUnsafe(FINISHED + 2 * PIECE);
  private finished = FINISHED;
  /** The piece at hand ends at `size`; up to `emitted` it was passed on, and is only kept to look behind. */
  private size = 0;
  private emitted = 0;
  /** Masks that got a note so far. */
  annotated = 0;

  /** @throws GfpError `GFP_KERNEL_UNKNOWN` */
  constructor(options: AnnotateGfpOptions = {}) {
    this.notes = new Notes(options);
    this.needles = this.notes.open ? [...NEEDLES, BANNER] : NEEDLES;
  }

  /** Takes the next piece and gives back what is finished. The bytes returned are overwritten by the next call. */
  push(piece: Uint8Array): Buffer {
    this.finished = FINISHED;
    for (let at = 0; at < piece.length; at += PIECE) this.feed(piece.subarray(at, at + PIECE));
    return this.memory.subarray(FINISHED, this.finished);
  }

  /** No more pieces: gives back the rest. */
  end(): Buffer {
    this.finished = FINISHED;
    this.run(true);
    return this.memory.subarray(FINISHED, this.finished);
  }

  private feed(piece: Uint8Array): void {
    const keepFrom = Math.max(0, this.emitted - LOOK_BEHIND);
    const kept = this.size - keepFrom;
    this.memory.copyWithin(0, keepFrom, this.size);
    this.memory.set(piece, kept);
    this.emitted -= keepFrom;
    this.size = kept + piece.length;
    this.run(false);
  }

  private run(final: boolean): void {
    const { size, needles } = this;
    const bytes = this.memory.subarray(0, size);
    let from = this.emitted;
    // Behind `stop` a needle may be cut in two: that part waits for the next piece.
    let stop = final ? size : Math.max(from, size - TAIL);
    let rare = -1;
    let rareNeedle = 0;
    for (;;) {
      // The first needle, gfp, is in every tracepoint; the others are looked for once, and again only when passed.
      if (rare < from) {
        rare = size;
        for (let needle = 1; needle < needles.length; needle++) {
          const hit = bytes.indexOf(needles[needle] as string, from, 'latin1');
          if (hit >= 0 && hit < rare) {
            rare = hit;
            rareNeedle = needle;
          }
        }
      }
      let at = indexOfGfp(bytes, from, size);
      let which = 0;
      if (at < 0 || at > rare) {
        at = rare;
        which = rareNeedle;
      }
      if (at === size) break;
      const isBanner = which === NEEDLES.length;
      if (!final && at + (isBanner ? BANNER.length + RELEASE : LEAD) > size) {
        stop = Math.min(stop, at);
        break;
      }
      from = at + 1;
      const quick = which === 0 ? startInBytes(bytes, at) : 0;
      if (quick < 0) continue;
      const seen = which === 0 ? this.notes.seen(bytes, quick) : undefined;
      if (seen !== undefined) {
        const end = quick + seen.value.length;
        if (!final && end + NOTE.length > size) {
          stop = Math.min(stop, at);
          break;
        }
        from = end;
        if (bytes[end] === NOTE_START && hasNote(bytes.toString('latin1', end, end + NOTE.length), 0)) continue;
        this.finish(end, seen.note);
        this.annotated++;
        continue;
      }
      const end = this.read(bytes, which, at, final);
      if (end < 0) {
        stop = Math.min(stop, at);
        break;
      }
      from = Math.max(from, end);
    }
    if (stop > this.emitted) this.finish(stop, EMPTY);
  }

  /**
   * Reads what a needle announces, the slow way. Gives the offset behind it, 0 where there is nothing to pass over, and
   * -1 where the next piece has to be waited for.
   */
  private read(bytes: Buffer, which: number, at: number, final: boolean): number {
    const base = Math.max(0, at - LOOK_BEHIND);
    const text = bytes.toString('latin1', base, at + WINDOW);
    if (which === NEEDLES.length) {
      this.notes.banner(text, at - base);
      return 0;
    }
    const start = valueAt(which, text, at - base);
    if (start < 0) return 0;
    const end = endOfValue(text, start);
    if (!final && base + end + NOTE.length + 2 > bytes.length && bytes.length - at < WINDOW) return -1;
    if (end === start) return 0;
    const note = this.notes.get(text, start, end);
    if (note !== undefined) {
      this.finish(base + end, Buffer.from(note, 'latin1'));
      this.annotated++;
    }
    return base + end;
  }

  /** Passes on everything up to an offset, and a note. */
  private finish(to: number, note: Uint8Array): void {
    const length = to - this.emitted;
    if (this.finished + length + note.length > this.memory.length) {
      const larger = Buffer.allocUnsafe(2 * this.memory.length + length + note.length);
      this.memory.copy(larger, 0, 0, this.finished);
      this.memory = larger;
    }
    const memory = this.memory;
    memory.copyWithin(this.finished, this.emitted, to);
    let out = this.finished + length;
    for (let i = 0; i < note.length; i++) memory[out++] = note[i] as number;
    this.finished = out;
    this.emitted = to;
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
    if (done.length > 0) yield Buffer.from(done);
  }
  const rest = annotator.end();
  if (rest.length > 0) yield Buffer.from(rest);
}
