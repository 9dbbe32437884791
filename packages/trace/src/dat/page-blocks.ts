import { decompress } from './compression.ts';
import { TraceDatError } from './error.ts';
import type { CpuLayout } from './layout.ts';
import type { ByteSource } from './source.ts';

/** A run of whole pages of one CPU. Its memory is used again for the next run. */
export interface PageBlock {
  readonly bytes: Uint8Array;
  /** Where it stands in the file; its start, when it was compressed. */
  readonly fileOffset: number;
}

/** A piece of a CPU's data that cannot be read. */
export type ReportLoss = (reason: string) => void;

/** How much is read at once for one CPU: less where there are many, so that all of them together stay within bounds. */
export function readBytesFor(cpus: number): number {
  return Math.max(4096, Math.min(64 * 1024, Math.floor((16 * 1024 * 1024) / Math.max(1, cpus))));
}

/** The pages of one CPU, read forward, a few at a time; what cannot be read is reported and left out. */
export function* plainBlocks(
  source: ByteSource,
  layout: CpuLayout,
  pageSize: number,
  readBytes: number,
  lost: ReportLoss,
): Generator<PageBlock> {
  const step = Math.max(pageSize, pageSize * Math.floor(readBytes / pageSize));
  const there = Math.max(0, Math.min(layout.size, source.size - layout.offset));
  const whole = there - (there % pageSize);
  const room = new Uint8Array(Math.min(step, whole));
  for (let done = 0; done < whole; done += step) {
    const fileOffset = layout.offset + done;
    const bytes = room.subarray(0, Math.min(step, whole - done));
    if (source.readInto(fileOffset, bytes) < bytes.length) {
      lost(`the file became shorter while it was read: CPU ${layout.cpu} stops at byte ${fileOffset}`);
      return;
    }
    yield { bytes, fileOffset };
  }
  if (there < layout.size) {
    const missing = layout.size - whole;
    lost(
      `the file is cut: CPU ${layout.cpu} should have ${layout.size} bytes at byte ${layout.offset}, the last ${missing} are missing`,
    );
  } else if (whole < layout.size) {
    lost(
      `CPU ${layout.cpu} ends with ${layout.size - whole} bytes at byte ${layout.offset + whole} that are no whole page`,
    );
  }
}

/** The same for a compressed buffer: a count, then chunks, each with its two sizes. */
export function* compressedBlocks(
  source: ByteSource,
  layout: CpuLayout,
  pageSize: number,
  algorithm: string,
  littleEndian: boolean,
  readBytes: number,
  lost: ReportLoss,
): Generator<PageBlock> {
  if (layout.size === 0) return;
  // The recorder's size leaves out the count in front of the chunks.
  const end = Math.min(layout.offset + 4 + layout.size, source.size);
  const window = new Window(source, readBytes);
  const word = (offset: number): number => {
    const bytes = window.at(offset, 4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, littleEndian);
  };
  if (layout.offset + 4 > end) {
    lost(
      `the file is cut: CPU ${layout.cpu} should have ${layout.size} bytes at byte ${layout.offset}, none are there`,
    );
    return;
  }
  const count = word(layout.offset);
  let at = layout.offset + 4;
  let room: Uint8Array | undefined;
  for (let chunk = 0; chunk < count; chunk += 1) {
    const rest = `chunk ${chunk} of ${count} of CPU ${layout.cpu} at byte ${at}`;
    if (at + 8 > end) {
      lost(`${rest} is missing, with all after it: the file is cut or damaged`);
      return;
    }
    const packed = word(at);
    const plain = word(at + 4);
    const start = at + 8;
    if (packed > end - start) {
      lost(
        `${rest} claims ${packed} bytes and ${end - start} are left, so all after it is lost: the file is cut or damaged`,
      );
      return;
    }
    at = start + packed;
    try {
      room = decompress(algorithm, window.at(start, packed), plain, start, room);
    } catch (error) {
      if (!(error instanceof TraceDatError)) throw error;
      lost(`${rest} is lost: ${error.message}`);
      continue;
    }
    const odd = room.length % pageSize;
    if (odd !== 0) lost(`${rest} ends with ${odd} bytes that are no whole page`);
    yield { bytes: odd === 0 ? room : room.subarray(0, room.length - odd), fileOffset: start };
  }
  if (at < layout.offset + layout.size) {
    lost(`CPU ${layout.cpu} has ${layout.offset + layout.size - at} bytes at byte ${at} behind its last chunk`);
  }
}

/** A piece of the file that moves forward: small reads in a row become one. What `at` gives is valid until the next call. */
class Window {
  readonly #source: ByteSource;
  #bytes: Uint8Array;
  #start = 0;
  #length = 0;

  constructor(source: ByteSource, readBytes: number) {
    this.#source = source;
    this.#bytes = new Uint8Array(readBytes);
  }

  at(offset: number, count: number): Uint8Array {
    let from = offset - this.#start;
    if (from < 0 || from + count > this.#length) {
      if (count > this.#bytes.length) this.#bytes = new Uint8Array(count);
      this.#start = offset;
      this.#length = this.#source.readInto(offset, this.#bytes);
      from = 0;
      if (this.#length < count) {
        throw new TraceDatError('TRACE_DAT_IO', offset, 'the file became shorter while it was read; read it again');
      }
    }
    return this.#bytes.subarray(from, from + count);
  }
}
