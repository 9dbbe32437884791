import { closeSync, createReadStream, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { TraceDatError } from './error.ts';

/** Random access to a recording; never more than the asked bytes in memory. */
export interface ByteSource {
  readonly size: number;
  /** Why the source is shorter than it was written, when that is known (a cut gzip stream). */
  readonly cut?: string;
  /** Up to `length` bytes at `offset`, in memory of their own; fewer at the file's end. */
  read(offset: number, length: number): Uint8Array;
  /** Fills `target` from `offset` on; returns how many bytes there were. */
  readInto(offset: number, target: Uint8Array): number;
  close(): void;
}

/** The largest file that a gzipped recording may unpack to, unless the caller says otherwise: 16 GiB. */
export const defaultMaxUnpackedBytes = 16 * 1024 ** 3;

/**
 * Opens a recording for random access. A file that is gzipped as a whole is first unpacked, in pieces, into a
 * temporary file (random access is not to be had otherwise), which `close` removes.
 * @throws TraceDatError `TRACE_DAT_IO`, `TRACE_DAT_COMPRESSION`
 */
export async function openSource(path: string, maxUnpackedBytes = defaultMaxUnpackedBytes): Promise<ByteSource> {
  const file = openFile(path);
  const head = file.read(0, 2);
  if (!(head[0] === 0x1f && head[1] === 0x8b)) return file;
  file.close();
  return unpackGzip(path, maxUnpackedBytes);
}

function openFile(path: string, onClose?: () => void, cut?: string): ByteSource {
  let fd: number;
  let size: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw new TraceDatError('TRACE_DAT_IO', 0, `cannot open the recording: ${messageOf(error)}`);
  }
  try {
    size = fstatSync(fd).size;
    // A directory opens, and fails only on the first read.
    readSync(fd, new Uint8Array(1), 0, 1, 0);
  } catch (error) {
    closeSync(fd);
    throw new TraceDatError('TRACE_DAT_IO', 0, `cannot read the recording: ${messageOf(error)}`);
  }
  const readInto = (offset: number, target: Uint8Array): number => {
    let done = 0;
    while (done < target.length) {
      const got = readSync(fd, target, done, target.length - done, offset + done);
      if (got === 0) break;
      done += got;
    }
    return done;
  };
  return {
    size,
    readInto,
    ...(cut === undefined ? {} : { cut }),
    read(offset, length) {
      const want = Math.max(0, Math.min(length, size - offset));
      const bytes = new Uint8Array(want);
      const got = readInto(offset, bytes);
      return got === want ? bytes : bytes.subarray(0, got);
    },
    close() {
      closeSync(fd);
      onClose?.();
    },
  };
}

/** A cut gzip stream still gives what came before the cut: the reader then reports the loss with its place. */
async function unpackGzip(path: string, maxUnpackedBytes: number): Promise<ByteSource> {
  const folder = mkdtempSync(join(tmpdir(), 'faultpath-trace-'));
  const target = join(folder, 'trace.dat');
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const fd = openSync(target, 'w');
  let written = 0;
  let cut: string | undefined;
  const input = createReadStream(path, { highWaterMark: 1 << 16 });
  const gunzip = createGunzip();
  input.on('error', (error) => gunzip.destroy(error));
  input.pipe(gunzip);
  try {
    for await (const chunk of gunzip) {
      const piece = chunk as Uint8Array;
      written += piece.length;
      if (written > maxUnpackedBytes) {
        throw new TraceDatError(
          'TRACE_DAT_COMPRESSION',
          0,
          `the gzipped recording unpacks to more than ${maxUnpackedBytes} bytes; unpack it yourself, or raise maxUnpackedBytes`,
        );
      }
      let done = 0;
      while (done < piece.length) done += writeSync(fd, piece, done);
    }
  } catch (error) {
    if (error instanceof TraceDatError || written === 0) {
      closeSync(fd);
      remove();
      if (error instanceof TraceDatError) throw error;
      throw new TraceDatError('TRACE_DAT_COMPRESSION', 0, `cannot gunzip the recording: ${messageOf(error)}`);
    }
    cut = `the gzip stream is damaged after ${written} unpacked bytes: ${messageOf(error)}`;
  } finally {
    input.destroy();
  }
  closeSync(fd);
  return openFile(target, remove, cut);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
