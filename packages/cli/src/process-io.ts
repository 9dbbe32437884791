import { once } from 'node:events';
import { createReadStream, fstatSync } from 'node:fs';
import { BrokenPipe } from './errors.ts';
import type { Io, Out } from './io.ts';

/** A stream as an `Out`: waits while the reader is slow, and throws BrokenPipe once it is gone. */
function outOf(stream: NodeJS.WriteStream): Out {
  let gone = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    gone = true;
  });
  const drained = async (): Promise<void> => {
    // `once` rejects on the stream's error event, which is how a reader that goes away while we wait is noticed.
    await once(stream, 'drain').catch(() => undefined);
    if (gone) throw new BrokenPipe();
  };
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns;
    },
    write(chunk) {
      if (gone) throw new BrokenPipe();
      return stream.write(chunk) ? undefined : drained();
    },
  };
}

/**
 * Standard input, in large pieces where it is a file. A pipe stays with the process's own stream: a read that blocks in
 * the background would keep the process alive after its reader went away.
 */
function input(): AsyncIterable<Uint8Array> {
  try {
    if (fstatSync(0).isFile()) return createReadStream('', { fd: 0, autoClose: false, highWaterMark: 1 << 20 });
  } catch {
    // Standard input is closed; the process's stream then is empty.
  }
  return process.stdin;
}

/** The process itself. Ctrl-C ends it at once unless a command asked for interrupts. */
export function processIo(): Io {
  let controller: AbortController | undefined;
  return {
    get stdin() {
      return input();
    },
    stdout: outOf(process.stdout),
    stderr: outOf(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    interrupts() {
      if (controller === undefined) {
        const made = new AbortController();
        controller = made;
        process.once('SIGINT', () => made.abort());
      }
      return controller.signal;
    },
  };
}
