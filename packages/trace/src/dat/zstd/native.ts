import zlib from 'node:zlib';

/** Decodes frames that hold `size` bytes and says how much of the input that took; throws whatever it likes. */
export type NativeZstd = (packed: Uint8Array, size: number) => { readonly plain: Uint8Array; readonly read: number };

interface WithZstd {
  zstdDecompressSync?(
    packed: Uint8Array,
    options: { readonly chunkSize: number; readonly maxOutputLength: number; readonly info: true },
  ): { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } };
}

/** The decoder that Node has from 22.15 on, already compiled when a process starts; `null` before. */
export const nativeZstd: NativeZstd | null = ofNode(zlib as WithZstd);

function ofNode({ zstdDecompressSync }: WithZstd): NativeZstd | null {
  if (zstdDecompressSync === undefined) return null;
  return (packed, size) => {
    // Room for one byte more, so that a piece comes out as one chunk and a longer one is noticed.
    const room = Math.max(size + 1, 64);
    const { buffer, engine } = zstdDecompressSync(packed, { chunkSize: room, maxOutputLength: room, info: true });
    return { plain: buffer, read: engine.bytesWritten };
  };
}
