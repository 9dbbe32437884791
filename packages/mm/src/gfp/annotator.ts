import { endOfValue, LONGEST_LEAD, LONGEST_VALUE, LOOK_BEHIND, NEEDLES, valueAt } from './find.ts';
import { type AnnotateGfpOptions, BANNER, NOTE, Notes } from './notes.ts';

/** A value this near to the end of a piece may go on in the next one. */
const WINDOW = 2 * LONGEST_VALUE + LONGEST_LEAD;
/** So much is kept back at the end of a piece that no needle can be cut in two unseen. */
const TAIL = 32;
/** A needle, what follows it, and the first character of the value fit in this. */
const LEAD = LONGEST_LEAD + 16;
/** The longest release string that a banner is read for. */
const RELEASE = 64;
/** Room for the notes of one piece, to begin with. */
const NOTE_ROOM = 1 << 16;
/** From one mask in so many bytes on, looking through the text as a string is quicker than through the bytes. */
const DENSE = 2048;

/**
 * Annotates a log that comes in pieces of any size. Bytes that are no mask pass unchanged, whatever their encoding;
 * memory does not grow with the log, nor with the length of its lines.
 */
export class GfpAnnotator {
  private readonly notes: Notes;
  private readonly needles: readonly string[];
  /**
   * What is worked on, and from `capacity` on what is finished: one buffer, because `copyWithin` is by far the cheapest
   * way to move the short runs of bytes between two masks.
   */
  private memory: Buffer = Buffer.alloc(0);
  private capacity = 0;
  /** The last piece lies in `memory` up to `size`; up to `emitted` it was passed on. */
  private size = 0;
  private emitted = 0;
  private dense = false;
  /** Masks that got a note so far. */
  annotated = 0;

  /** @throws GfpError `GFP_KERNEL_UNKNOWN` */
  constructor(options: AnnotateGfpOptions = {}) {
    this.notes = new Notes(options);
    this.needles = this.notes.open ? [...NEEDLES, BANNER] : NEEDLES;
  }

  /** Takes the next piece and gives back what is finished. The bytes returned are overwritten by the next call. */
  push(piece: Uint8Array): Buffer {
    const keepFrom = Math.max(0, this.emitted - LOOK_BEHIND);
    const kept = this.size - keepFrom;
    this.memory.copyWithin(0, keepFrom, this.size);
    this.emitted -= keepFrom;
    this.size = kept + piece.length;
    if (this.size > this.capacity) this.grow(this.size, 2 * this.size + NOTE_ROOM, kept);
    this.memory.set(piece, kept);
    return this.run(false);
  }

  /** No more pieces: gives back the rest. */
  end(): Buffer {
    return this.run(true);
  }

  private run(final: boolean): Buffer {
    const { size, needles } = this;
    const bytes = this.memory.subarray(0, size);
    const next = needles.map(() => -1);
    const before = this.annotated;
    let text = this.dense ? bytes.toString('latin1') : '';
    let out = this.capacity;
    let done = this.emitted;
    let from = this.emitted;
    // Behind `stop` a needle may be cut in two: that part waits for the next piece.
    let stop = final ? size : Math.max(this.emitted, size - TAIL);
    for (;;) {
      let at = size;
      let which = -1;
      for (let needle = 0; needle < needles.length; needle++) {
        let hit = next[needle] as number;
        if (hit < from) {
          const word = needles[needle] as string;
          hit = this.dense && needle === 0 ? text.indexOf(word, from) : bytes.indexOf(word, from, 'latin1');
          if (hit < 0) hit = size;
          next[needle] = hit;
        }
        if (hit < at) {
          at = hit;
          which = needle;
        }
      }
      if (which < 0) break;
      const isBanner = which === NEEDLES.length;
      if (!final && at + (isBanner ? BANNER.length + RELEASE : LEAD) > size) {
        stop = Math.min(stop, at);
        break;
      }
      if (text === '') text = bytes.toString('latin1');
      from = at + 1;
      if (isBanner) {
        this.notes.banner(text, at);
        continue;
      }
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
      out = this.append(out, done, end, note);
      done = end;
    }
    stop = Math.max(stop, done);
    this.dense = (this.annotated - before) * DENSE > size;
    const start = this.emitted;
    this.emitted = stop;
    if (done === start) return this.memory.subarray(start, stop);
    return this.memory.subarray(this.capacity, this.append(out, done, stop, ''));
  }

  /** Copies a run of bytes and a note behind what is finished; gives back where that ends now. */
  private append(at: number, from: number, to: number, note: string): number {
    let out = at + to - from;
    if (out + note.length > this.memory.length) {
      this.grow(this.capacity, 2 * (out + note.length - this.capacity), at);
    }
    this.memory.copyWithin(at, from, to);
    for (let i = 0; i < note.length; i++) this.memory[out++] = note.charCodeAt(i);
    return out;
  }

  private grow(capacity: number, room: number, used: number): void {
    const larger = Buffer.allocUnsafe(capacity + room);
    this.memory.copy(larger, 0, 0, used);
    this.memory = larger;
    this.capacity = capacity;
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
