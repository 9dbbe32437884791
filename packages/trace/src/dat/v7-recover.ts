import { MetaCursor } from './bytes.ts';
import { TraceDatError } from './error.ts';
import type { CpuLayout } from './layout.ts';
import type { ByteSource } from './source.ts';

/** What is needed to find the data of a buffer that no option names. */
export interface LostBuffer {
  readonly source: ByteSource;
  readonly littleEndian: boolean;
  readonly pageSize: number;
  readonly compressed: boolean;
  /** First byte behind the section's header, and the byte behind its last. */
  readonly start: number;
  readonly end: number;
}

/** No machine has more; more regions than this are no regions. */
const maxRegions = 8192;

/**
 * Finds the data of each CPU by its form alone: it begins at a page's boundary, the next behind it. The order is that of
 * the CPUs; a CPU without data leaves nothing that could be counted.
 */
export function findCpus(buffer: LostBuffer): CpuLayout[] {
  return buffer.compressed ? findCompressed(buffer) : findPlain(buffer);
}

/** A count, then that many chunks, each with its two sizes. A region that is cut off has the rest of the section. */
function findCompressed({ source, littleEndian, pageSize, start, end }: LostBuffer): CpuLayout[] {
  const cpus: CpuLayout[] = [];
  const word = (at: number): number => new MetaCursor(source.read(at, 4), at, littleEndian).u32('a size');
  for (let offset = align(start, pageSize); offset + 4 <= end && cpus.length < maxRegions; ) {
    const count = word(offset);
    // Behind the last CPU the section is over, or the space up to the next boundary is zero.
    if (count === 0) break;
    let at = offset + 4;
    let chunk = 0;
    for (; chunk < count && at + 8 <= end; chunk += 1) {
      const packed = word(at);
      if (packed > end - at - 8) break;
      at += 8 + packed;
    }
    const whole = chunk === count;
    cpus.push({ cpu: cpus.length, offset, size: (whole ? at : end) - offset - 4 });
    if (!whole) break;
    offset = align(at, pageSize);
  }
  return cpus;
}

/** Pages: a CPU's time only goes forward, so that where it goes back another CPU begins. */
function findPlain({ source, littleEndian, pageSize, start, end }: LostBuffer): CpuLayout[] {
  const cpus: CpuLayout[] = [];
  const first = align(start, pageSize);
  let from = first;
  let before = -1n;
  for (let at = first; at + 8 <= end; at += pageSize) {
    const bytes = source.read(at, 8);
    const time = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, littleEndian);
    if (time < before && at > from) {
      cpus.push({ cpu: cpus.length, offset: from, size: at - from });
      from = at;
      if (cpus.length >= maxRegions) break;
    }
    before = time;
  }
  if (end > from) cpus.push({ cpu: cpus.length, offset: from, size: end - from });
  return cpus;
}

const align = (offset: number, to: number): number => Math.ceil(offset / to) * to;

/** The header of a section, as far as the file has it. */
export interface FoundSection {
  readonly id: number;
  readonly compressed: boolean;
  readonly offset: number;
  readonly size: number;
}

const headerBytes = 16;
const maxSections = 4096;

/** Every section from `start` on, one behind the other; the last may be cut. */
export function walkSections(source: ByteSource, start: number, littleEndian: boolean): FoundSection[] {
  const sections: FoundSection[] = [];
  for (let offset = start; offset + headerBytes <= source.size && sections.length < maxSections; ) {
    const cursor = new MetaCursor(source.read(offset, headerBytes), offset, littleEndian);
    const id = cursor.u16('a section');
    const flags = cursor.u16('a section');
    cursor.u32('a section');
    let size: number;
    try {
      size = cursor.u64('a section');
    } catch (error) {
      if (error instanceof TraceDatError) return sections;
      throw error;
    }
    sections.push({ id, compressed: (flags & 1) !== 0, offset, size });
    // A recorder that was killed has not written the size of what it was writing.
    if (size === 0) break;
    offset += headerBytes + size;
  }
  return sections;
}
