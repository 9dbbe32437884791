import { TraceDatError } from './error.ts';

/**
 * A forward reader over one piece of the file's metadata. Every read is checked against the end of the piece, so a
 * wrong length becomes `TRACE_DAT_TRUNCATED` at a file offset and never a read of foreign bytes.
 */
export class MetaCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #base: number;
  readonly littleEndian: boolean;
  #at = 0;

  /** `base` is the piece's offset in the file; it only serves the messages. */
  constructor(bytes: Uint8Array, base: number, littleEndian: boolean) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#base = base;
    this.littleEndian = littleEndian;
  }

  /** File offset of the next byte (of the piece's start, when the piece was compressed). */
  get offset(): number {
    return this.#base + this.#at;
  }

  get position(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  #need(count: number, what: string): number {
    if (count > this.left) {
      throw new TraceDatError(
        'TRACE_DAT_TRUNCATED',
        this.offset,
        `the file ends inside ${what}: ${count} bytes are needed and ${this.left} are there; copy or record it again`,
      );
    }
    const at = this.#at;
    this.#at += count;
    return at;
  }

  u8(what: string): number {
    return this.#view.getUint8(this.#need(1, what));
  }

  u16(what: string): number {
    return this.#view.getUint16(this.#need(2, what), this.littleEndian);
  }

  u32(what: string): number {
    return this.#view.getUint32(this.#need(4, what), this.littleEndian);
  }

  /** A size or an offset; refuses what no file can have. */
  u64(what: string): number {
    const start = this.offset;
    const value = Number(this.#view.getBigUint64(this.#need(8, what), this.littleEndian));
    if (!Number.isSafeInteger(value)) {
      throw new TraceDatError('TRACE_DAT_FORMAT', start, `${what} is ${value}, which no file can hold: it is damaged`);
    }
    return value;
  }

  bytes(count: number, what: string): Uint8Array {
    const at = this.#need(count, what);
    return this.#bytes.subarray(at, at + count);
  }

  /** Text up to a NUL byte, which is consumed. */
  cString(what: string): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end === -1) this.#need(this.left + 1, what);
    const text = latin1(this.#bytes, this.#at, end);
    this.#at = end + 1;
    return text;
  }
}

/** Bytes as text, one character a byte: kernel text is ASCII, and damaged text must not become something longer. */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.max(0, end - start)).toString('latin1');
}
