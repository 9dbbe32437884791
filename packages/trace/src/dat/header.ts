import { MetaCursor } from './bytes.ts';
import { TraceDatError } from './error.ts';
import type { TraceDatLayout } from './layout.ts';
import type { ByteSource } from './source.ts';
import { readLayoutV6 } from './v6.ts';
import { readLayoutV7 } from './v7.ts';

/** What the two versions' first bytes have in common. */
export interface FileStart {
  readonly littleEndian: boolean;
  readonly longSize: 4 | 8;
  readonly pageSize: number;
  /** File offset of the first byte after it. */
  readonly end: number;
}

const magic = Uint8Array.of(0x17, 0x08, 0x44, 0x74, 0x72, 0x61, 0x63, 0x69, 0x6e, 0x67);

/** The first bytes of a file are those of a trace.dat (not gzipped). */
export function isTraceDat(head: Uint8Array): boolean {
  return head.length >= magic.length && magic.every((byte, index) => head[index] === byte);
}

/**
 * Reads everything of a file except its events.
 * @throws TraceDatError `TRACE_DAT_EMPTY`, `_MAGIC`, `_VERSION`, `_TRUNCATED`, `_COMPRESSION`, `_FORMAT`
 */
export function readLayout(source: ByteSource): TraceDatLayout {
  const head = source.read(0, 64);
  if (head.length === 0) throw new TraceDatError('TRACE_DAT_EMPTY', 0, 'the file is empty; record it again');
  if (!isTraceDat(head)) {
    const short = head.length < magic.length && head.every((byte, index) => byte === magic[index]);
    if (short) throw new TraceDatError('TRACE_DAT_TRUNCATED', head.length, 'the file ends inside its first ten bytes');
    throw new TraceDatError('TRACE_DAT_MAGIC', 0, 'this is no trace.dat: it does not start with 17 08 44 "tracing"');
  }
  const cursor = new MetaCursor(head, 0, true);
  cursor.bytes(magic.length, 'the magic');
  const version = cursor.cString('the version');
  if (version !== '6' && version !== '7') {
    throw new TraceDatError(
      'TRACE_DAT_VERSION',
      magic.length,
      `version ${JSON.stringify(version.slice(0, 20))} is not understood, only 6 and 7; try \`trace-cmd convert\``,
    );
  }
  const endianOffset = cursor.offset;
  const endian = cursor.u8('the endianness');
  const longSize = cursor.u8('the size of a long');
  if (endian > 1 || (longSize !== 4 && longSize !== 8)) {
    throw new TraceDatError(
      'TRACE_DAT_FORMAT',
      endianOffset,
      `endianness ${endian} and a long of ${longSize} bytes are not possible: the file is damaged`,
    );
  }
  const littleEndian = endian === 0;
  const pageOffset = cursor.offset;
  const pageSize = new MetaCursor(cursor.bytes(4, 'the page size'), pageOffset, littleEndian).u32('the page size');
  checkPageSize(pageSize, pageOffset);
  const start: FileStart = { littleEndian, longSize, pageSize, end: cursor.offset };
  return version === '6' ? readLayoutV6(source, start) : readLayoutV7(source, start);
}

/** Pages are powers of two on every machine; anything else is damage that would misplace every event. */
export function checkPageSize(pageSize: number, offset: number): void {
  const possible = pageSize >= 256 && pageSize <= 1 << 22 && (pageSize & (pageSize - 1)) === 0;
  if (!possible) {
    throw new TraceDatError(
      'TRACE_DAT_FORMAT',
      offset,
      `a page size of ${pageSize} is not possible: the file is damaged`,
    );
  }
}
