import { closeSync, openSync, readSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { TraceError } from '../error.ts';

/** A path, `-` for standard input, or the bytes themselves. */
export type TraceSource = string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Small enough that a chunk's text is short-lived memory, which costs nothing to free. */
const CHUNK = 96 * 1024;

/** No kind of file needs more bytes to be known by. */
const HEAD = 64;

/** The source's name for messages. */
export function sourceName(source: TraceSource): string {
  if (typeof source !== 'string') return 'input';
  return source === '-' ? 'standard input' : source;
}

/**
 * The bytes of a source, gunzipped when they start with gzip's magic. Errors of the file system and of a damaged gzip
 * stream become `TraceError`s; what was read before the damage is still delivered.
 */
export async function* openSource(source: TraceSource): AsyncGenerator<Buffer> {
  const raw = rawChunks(source)[Symbol.asyncIterator]();
  const first = await head(raw);
  const all = prepend(first, raw);
  if (first.length < 2 || first[0] !== 0x1f || first[1] !== 0x8b) {
    yield* all;
    return;
  }
  const plain = gunzip(all, sourceName(source));
  yield* prepend(await head(plain), plain);
}

/** A pipe may give single bytes: enough of them to see what kind of file it is. */
async function head(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let first: Buffer = Buffer.alloc(0);
  while (first.length < HEAD) {
    const next = await chunks.next();
    if (next.done === true) break;
    if (first.length === 0 && next.value.length >= HEAD) return next.value;
    // A copy, because the next chunk may come in the same memory.
    first = Buffer.concat([first, next.value]);
  }
  return first;
}

async function* prepend(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  for (;;) {
    const next = await rest.next();
    if (next.done === true) return;
    yield next.value;
  }
}

/**
 * A file is read in place: its pages are mostly in memory, and a stream would cost more than the reading. All chunks are
 * one buffer; whoever keeps a chunk beyond the next copies it.
 */
function* fileChunks(path: string): Generator<Buffer> {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      const size = readSync(file, chunk, 0, CHUNK, null);
      if (size === 0) return;
      yield size === CHUNK ? chunk : chunk.subarray(0, size);
    }
  } finally {
    closeSync(file);
  }
}

async function* rawChunks(source: TraceSource): AsyncGenerator<Buffer> {
  try {
    const input = typeof source !== 'string' ? source : source === '-' ? process.stdin : fileChunks(source);
    for await (const chunk of input as AsyncIterable<Uint8Array>) {
      if (chunk.length === 0) continue;
      yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    }
  } catch (error) {
    if (error instanceof TraceError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new TraceError('TRACE_UNREADABLE_FILE', `${sourceName(source)}: ${reason}`);
  }
}

async function* gunzip(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const unzip = createGunzip({ chunkSize: CHUNK });
  const feeding = (async () => {
    try {
      for await (const chunk of chunks) {
        // Unzipping goes on in another thread, when the chunk may hold other bytes already.
        if (!unzip.write(Buffer.from(chunk)))
          await new Promise<void>((resolve) => unzip.once('drain', resolve).once('close', resolve));
        if (unzip.destroyed) return;
      }
      unzip.end();
    } catch (error) {
      unzip.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  })();
  try {
    for await (const chunk of unzip) yield chunk as Buffer;
    await feeding;
  } catch (error) {
    if (error instanceof TraceError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new TraceError('TRACE_TRUNCATED', `${name}: the gzip stream is damaged or cut off (${reason})`);
  } finally {
    unzip.destroy();
  }
}
