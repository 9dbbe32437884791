/**
 * A piece of a text recording: its bytes, which are looked at four at a time, and the same as text, in which characters are
 * found fastest. Both have the same places.
 */
export class TextChunk {
  /** Valid while the chunk is read: the next one comes in the same memory. */
  readonly bytes: Buffer;
  readonly view: DataView;
  /** A character for each byte; only names of tasks can hold anything but ASCII. */
  readonly text: string;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.text = bytes.toString('latin1');
  }

  /** A part, for a moment: it may keep the rest alive. */
  slice(from: number, to: number): string {
    return this.text.slice(from, to);
  }

  /** A part that keeps nothing of the rest alive. */
  copy(from: number, to: number): string {
    return this.bytes.toString('latin1', from, to);
  }
}
