import { inflateSync } from 'node:zlib';
import { TraceDatError } from './error.ts';
import { maxMetaBytes } from './layout.ts';
import { unpackZstd } from './zstd/unpack.ts';

/** How much larger than its compressed form a piece may claim to be; a page of zeros stays far below. */
const maxRatio = 4096;

/** The algorithms a file may name that this reader understands. */
export function canDecompress(algorithm: string): boolean {
  return algorithm === 'zstd' || algorithm === 'zlib' || algorithm === 'none';
}

/**
 * Unpacks one piece, which must come out at exactly `size` bytes. An earlier result that is no longer needed may be
 * given as `reuse`: its memory is then used again where that is possible.
 * @throws TraceDatError `TRACE_DAT_COMPRESSION`
 */
export function decompress(
  algorithm: string,
  packed: Uint8Array,
  size: number,
  offset: number,
  reuse?: Uint8Array,
): Uint8Array {
  if (size > maxMetaBytes || size > (packed.length + 64) * maxRatio) {
    throw new TraceDatError(
      'TRACE_DAT_COMPRESSION',
      offset,
      `${packed.length} compressed bytes claim to be ${size}: the file is damaged`,
    );
  }
  let plain: Uint8Array;
  try {
    plain = algorithm === 'zstd' ? unpackZstd(packed, size, reuse) : inflateSync(packed, { maxOutputLength: size + 1 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TraceDatError('TRACE_DAT_COMPRESSION', offset, `a ${algorithm} piece cannot be unpacked: ${reason}`);
  }
  if (plain.length !== size) {
    throw new TraceDatError(
      'TRACE_DAT_COMPRESSION',
      offset,
      `a ${algorithm} piece has ${plain.length} bytes where the file says ${size}: it is damaged`,
    );
  }
  return plain;
}
