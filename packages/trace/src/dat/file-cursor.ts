import { MetaCursor } from './bytes.ts';
import { TraceDatError } from './error.ts';
import { maxMetaBytes } from './layout.ts';
import type { ByteSource } from './source.ts';

const windowBytes = 64 * 1024;

/** Reads forward through a file in pieces, keeping one window of it in memory. */
export class FileCursor {
  readonly #source: ByteSource;
  readonly #littleEndian: boolean;
  #window: Uint8Array = new Uint8Array(0);
  #windowStart = 0;
  offset: number;

  constructor(source: ByteSource, offset: number, littleEndian: boolean) {
    this.#source = source;
    this.#littleEndian = littleEndian;
    this.offset = offset;
  }

  /** The next `count` bytes. Refuses what the file does not have before any memory is taken for it. */
  bytes(count: number, what: string): Uint8Array {
    const left = this.#source.size - this.offset;
    if (count > left) {
      throw new TraceDatError(
        'TRACE_DAT_TRUNCATED',
        this.offset,
        `the file ends inside ${what}: ${count} bytes are needed and ${Math.max(0, left)} are there; copy or record it again`,
      );
    }
    if (count > maxMetaBytes) {
      throw new TraceDatError('TRACE_DAT_FORMAT', this.offset, `${what} claims ${count} bytes: the file is damaged`);
    }
    let start = this.offset - this.#windowStart;
    if (start < 0 || start + count > this.#window.length) {
      this.#window = this.#source.read(this.offset, Math.max(count, windowBytes));
      this.#windowStart = this.offset;
      start = 0;
      if (this.#window.length < count) {
        throw new TraceDatError('TRACE_DAT_TRUNCATED', this.offset, `the file became shorter while reading ${what}`);
      }
    }
    this.offset += count;
    return this.#window.subarray(start, start + count);
  }

  #one(count: number, what: string): MetaCursor {
    const at = this.offset;
    return new MetaCursor(this.bytes(count, what), at, this.#littleEndian);
  }

  u16(what: string): number {
    return this.#one(2, what).u16(what);
  }

  u32(what: string): number {
    return this.#one(4, what).u32(what);
  }

  u64(what: string): number {
    return this.#one(8, what).u64(what);
  }

  /** Text up to a NUL byte; `limit` is how long such a text may be. */
  cString(what: string, limit = 4096): string {
    let text = '';
    for (;;) {
      const byte = this.bytes(1, what)[0];
      if (byte === 0) return text;
      if (text.length >= limit) {
        throw new TraceDatError(
          'TRACE_DAT_FORMAT',
          this.offset,
          `${what} has no end within ${limit} bytes: the file is damaged`,
        );
      }
      text += String.fromCharCode(byte ?? 0);
    }
  }
}
