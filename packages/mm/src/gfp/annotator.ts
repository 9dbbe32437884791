import { endOfValue, LONGEST_LEAD, LONGEST_VALUE, LOOK_BEHIND, valueAt } from './find.ts';
import { type AnnotateGfpOptions, BANNER, hasNote, NOTE, Notes } from './notes.ts';
import { type Scanner, SOUGHT, scanner, startOf, textAt } from './scan.ts';

/** So much is looked at in one go: few system calls, and small enough to stay in the processor's caches. */
const PIECE = 1 << 18;
/** From a needle on, all that decides: what leads to the value, the value, and a note behind it. */
const WINDOW = LONGEST_LEAD + LONGEST_VALUE + 32;
/** A needle, what follows it, and the first character of the value fit in this. */
const LEAD = LONGEST_LEAD + 16;
/** The longest release string that a banner is read for. */
const RELEASE = 64;
/** So much is kept back at the end of a line that goes on, lest a needle be cut in two unseen. */
const TAIL = 32;
/** Where the next piece goes: behind all that may be kept of the one before. */
const FRONT = LOOK_BEHIND + WINDOW + LEAD + RELEASE + TAIL;
/** Where the finished bytes are gathered. */
const FINISHED = FRONT + PIECE;
/** From so many bytes on, what lies between two masks is passed on where it is. */
const LONG_RUN = 1 << 13;

const GFP = 0;
const MODE = 1;
const RELEASE_LINE = SOUGHT.indexOf(BANNER);

/** The first characters of `0x`, `GFP_`, `__GFP_` and `none`. */
const FIRST = new Set(['0', 'G', '_', 'n'].map((character) => character.charCodeAt(0)));

const NOTE_START = NOTE.charCodeAt(0);
const LINE_FEED = 0x0a;
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
 * Annotates a log that comes in pieces of any size. Bytes that are no mask pass unchanged, whatever their encoding, and
 * a line is passed on as soon as its line feed is there; memory does not grow with the log, nor with the length of its
 * lines.
 *
 * `push` and `end` are all that is needed. Who reads a file himself is quicker with `room` and `take`: nothing is copied
 * but what stands close to a mask.
 */
export class GfpAnnotator {
  private readonly notes: Notes;
  private readonly scanner: Scanner;
  /**
   * What is worked on, and from `FINISHED` on what is finished: one buffer, because `copyWithin` is by far the cheapest
   * way to move the short runs of bytes between two masks.
   */
  private memory: Buffer = Buffer.allocUnsafe(FINISHED + PIECE);
  private gathered = FINISHED;
  private finished = FINISHED;
  private parts: Buffer[] = [];
  /**
   * What is at hand lies from `begin` to `size`. Up to `emitted` it was passed on, and is only kept to look behind; up
   * to `seen` it was looked at.
   */
  private begin = FRONT;
  private size = FRONT;
  private emitted = FRONT;
  private seen = FRONT;
  /** Masks that got a note so far. */
  annotated = 0;

  /** @throws GfpError `GFP_KERNEL_UNKNOWN` */
  constructor(options: AnnotateGfpOptions = {}) {
    this.notes = new Notes(options);
    this.scanner = scanner();
  }

  /** Where the next bytes may be put, from its start on. Ask for it each time; `take` then says how many they are. */
  room(): Buffer {
    this.keep();
    return this.memory.subarray(FRONT, FINISHED);
  }

  /**
   * Takes the first `length` bytes of `room()` and gives back, in order, what is finished. The bytes returned are
   * overwritten after the next call of `room`, `push` or `end`.
   */
  take(length: number): readonly Buffer[] {
    this.start();
    this.size = FRONT + length;
    this.run(false);
    this.gather();
    return this.parts;
  }

  /** Takes the next piece and gives back what is finished, as bytes of its own. */
  push(piece: Uint8Array): Buffer {
    const done: Buffer[] = [];
    for (let at = 0; at < piece.length; at += PIECE) {
      const part = piece.subarray(at, at + PIECE);
      this.room().set(part);
      done.push(Buffer.concat(this.take(part.length)));
    }
    return done.length === 1 ? (done[0] as Buffer) : Buffer.concat(done);
  }

  /** No more pieces: gives back the rest. */
  end(): Buffer {
    this.start();
    this.run(true);
    this.gather();
    return Buffer.concat(this.parts);
  }

  private start(): void {
    this.parts = [];
    this.gathered = FINISHED;
    this.finished = FINISHED;
  }

  /** Moves what is not finished, and what may be looked at behind it, in front of the next piece. */
  private keep(): void {
    const from = Math.max(this.begin, this.emitted - LOOK_BEHIND);
    const moved = FRONT - this.size;
    this.memory.copyWithin(from + moved, from, this.size);
    this.begin = from + moved;
    this.emitted += moved;
    this.seen += moved;
    this.size = FRONT;
  }

  private run(final: boolean): void {
    const { size } = this;
    const bytes = this.memory.subarray(0, size);
    // Neither a needle nor a value goes on behind a line feed, so all before the last one can be decided.
    const complete = final ? size : bytes.lastIndexOf(LINE_FEED) + 1;
    // Behind `stop` a needle may be cut in two: that part waits for the next piece.
    let stop = Math.max(this.emitted, complete, size - TAIL);
    let from = Math.max(this.emitted, this.seen);
    const base = from;
    const { places } = this.scanner;
    const count = this.scanner.scan(bytes.subarray(base));
    for (let index = 0; index < count; index++) {
      const place = base + (places[index] as number);
      const which = textAt(bytes, place);
      if (which < 0) continue;
      const at = startOf(which, place);
      if (at < from) continue;
      const end = this.look(bytes, which, at, at >= complete);
      if (end < 0) {
        stop = Math.min(stop, at);
        break;
      }
      from = Math.max(at + 1, end);
    }
    if (stop > this.emitted) this.finish(stop, EMPTY);
    this.seen = Math.min(from, size);
  }

  /**
   * Looks at what a needle announces, and writes the note. Gives the offset behind it, 0 where there is nothing to pass
   * over, and -1 where the line is `open` and the next piece has to be waited for.
   */
  private look(bytes: Buffer, which: number, at: number, open: boolean): number {
    const { size } = this;
    if (open && at + (which === RELEASE_LINE ? BANNER.length + RELEASE : LEAD) > size) return -1;
    const start = which === GFP ? startInBytes(bytes, at) : which === MODE ? at + 'mode:'.length : 0;
    if (start < 0) return 0;
    const seen = start > 0 ? this.notes.seen(bytes, start) : undefined;
    if (seen === undefined) return this.read(bytes, which, at, open);
    const end = start + seen.value.length;
    if (open && end + NOTE.length > size) return -1;
    if (bytes[end] !== NOTE_START || !hasNote(bytes.toString('latin1', end, end + NOTE.length), 0)) {
      this.finish(end, seen.note);
      this.annotated++;
    }
    return end;
  }

  /** The same for a value that was not seen lately, or whose place matters. */
  private read(bytes: Buffer, which: number, at: number, open: boolean): number {
    const base = Math.max(this.begin, at - LOOK_BEHIND);
    const text = bytes.toString('latin1', base, at + WINDOW);
    if (which === RELEASE_LINE) {
      this.notes.banner(text, at - base);
      return 0;
    }
    const start = valueAt(which, text, at - base);
    if (start < 0) return 0;
    const end = endOfValue(text, start);
    if (open && base + end + NOTE.length + 2 > bytes.length && bytes.length - at < WINDOW) return -1;
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
    if (length >= LONG_RUN) {
      this.gather();
      this.parts.push(this.memory.subarray(this.emitted, to));
    }
    const copied = length >= LONG_RUN ? 0 : length;
    if (this.finished + copied + note.length > this.memory.length) {
      const larger = Buffer.allocUnsafe(2 * this.memory.length);
      this.memory.copy(larger, 0, 0, this.finished);
      this.memory = larger;
    }
    const memory = this.memory;
    if (copied > 0) memory.copyWithin(this.finished, this.emitted, to);
    let out = this.finished + copied;
    for (let i = 0; i < note.length; i++) memory[out++] = note[i] as number;
    this.finished = out;
    this.emitted = to;
  }

  /** What was gathered up to now becomes a part. */
  private gather(): void {
    if (this.finished > this.gathered) this.parts.push(this.memory.subarray(this.gathered, this.finished));
    this.gathered = this.finished;
  }
}

/**
 * The filter form: annotates a stream of bytes. Give it large pieces (a quarter of a megabyte) where speed matters.
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
