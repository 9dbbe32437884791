import { decodeZstd } from './decode.ts';
import { type NativeZstd, nativeZstd } from './native.ts';

/**
 * Unpacks one piece by Node's decoder where there is one, and by our own where there is none or where that one's answer is
 * not the whole one: it stops after the first of several frames and refuses some that ours reads. With which Node a
 * recording is read must not decide what is in it.
 * @throws ZstdError for whatever the format does not allow
 */
export function unpackZstd(
  packed: Uint8Array,
  size: number,
  reuse?: Uint8Array,
  native: NativeZstd | null = nativeZstd,
): Uint8Array {
  if (native === null) return decodeZstd(packed, size, reuse);
  try {
    const { plain, read } = native(packed, size);
    if (plain.length === size && read === packed.length) return plain;
  } catch {
    // Our own decoder says what is wrong with it, if anything is.
  }
  // Never into `reuse`, which may be Node's: small buffers of Node share their memory with others.
  return decodeZstd(packed, size);
}
