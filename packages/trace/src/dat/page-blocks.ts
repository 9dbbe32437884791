import { decompress } from './compression.ts';
import { TraceDatError } from './error.ts';
import type { CpuLayout } from './layout.ts';
import type { ByteSource } from './source.ts';

/** A run of whole pages of one CPU. The memory is its own: records that point into it stay valid. */
export interface PageBlock {
  readonly bytes: Uint8Array;
  /** Where it stands in the file; its start, when it was compressed. */
  readonly fileOffset: number;
}

/** A piece of a CPU's data that cannot be read. */
export type ReportLoss = (reason: string) => void;

/** How much plain data is read at once. */
const readBytes = 64 * 1024;

/** The pages of one CPU, read forward, a few at a time; what cannot be read is reported and left out. */
export function* plainBlocks(
  source: ByteSource,
  layout: CpuLayout,
  pageSize: number,
  lost: ReportLoss,
): Generator<PageBlock> {
  const step = Math.max(pageSize, readBytes - (readBytes % pageSize));
  const there = Math.max(0, Math.min(layout.size, source.size - layout.offset));
  const whole = there - (there % pageSize);
  for (let done = 0; done < whole; done += step) {
    const fileOffset = layout.offset + done;
    const bytes = source.read(fileOffset, Math.min(step, whole - done));
    if (bytes.length % pageSize !== 0 || bytes.length === 0) {
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
  lost: ReportLoss,
): Generator<PageBlock> {
  if (layout.size === 0) return;
  // The recorder's size leaves out the count in front of the chunks.
  const end = Math.min(layout.offset + 4 + layout.size, source.size);
  const word = (offset: number): number => {
    const bytes = source.read(offset, 4);
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
  for (let chunk = 0; chunk < count; chunk += 1) {
    const rest = `chunk ${chunk} of ${count} of CPU ${layout.cpu} at byte ${at}`;
    if (at + 8 > end) {
      lost(`${rest} is missing, with all after it: the file is cut or damaged`);
      return;
    }
    const head = source.read(at, 8);
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const packed = view.getUint32(0, littleEndian);
    const plain = view.getUint32(4, littleEndian);
    const start = at + 8;
    if (packed > end - start) {
      lost(
        `${rest} claims ${packed} bytes and ${end - start} are left, so all after it is lost: the file is cut or damaged`,
      );
      return;
    }
    at = start + packed;
    const block = unpack(source, algorithm, start, packed, plain, rest, lost);
    if (block === undefined) continue;
    const odd = block.bytes.length % pageSize;
    if (odd !== 0) lost(`${rest} ends with ${odd} bytes that are no whole page`);
    yield odd === 0 ? block : { ...block, bytes: block.bytes.subarray(0, block.bytes.length - odd) };
  }
  if (at < layout.offset + layout.size) {
    lost(`CPU ${layout.cpu} has ${layout.offset + layout.size - at} bytes at byte ${at} behind its last chunk`);
  }
}

function unpack(
  source: ByteSource,
  algorithm: string,
  start: number,
  packed: number,
  plain: number,
  rest: string,
  lost: ReportLoss,
): PageBlock | undefined {
  try {
    return { bytes: decompress(algorithm, source.read(start, packed), plain, start), fileOffset: start };
  } catch (error) {
    if (!(error instanceof TraceDatError)) throw error;
    lost(`${rest} is lost: ${error.message}`);
    return undefined;
  }
}
