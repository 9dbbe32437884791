import { createReadStream, fstatSync, readSync } from 'node:fs';
import { BrokenPipe, CliError } from './errors.ts';
import type { Io, Out } from './io.ts';

function cannotWrite(cause: Error): Error {
  const code = 'code' in cause ? String(cause.code) : cause.message;
  if (code === 'EPIPE') return new BrokenPipe();
  const why = code === 'ENOSPC' ? 'no space is left' : code;
  return new CliError('CLI_CANNOT_WRITE', `cannot write the output: ${why}`, 'send it to where there is room', {
    cause,
  });
}

/** A stream as an `Out`: waits while the reader is slow, and throws BrokenPipe once it is gone. */
function outOf(stream: NodeJS.WriteStream): Out {
  // Whoever writes learns of it; without a listener the process would end with a stack trace.
  stream.on('error', () => undefined);
  const check = (): void => {
    if (stream.errored) throw cannotWrite(stream.errored);
  };
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns;
    },
    write(chunk) {
      check();
      // Most writes are done when `write` returns; only the others are worth a promise.
      let written: (error?: Error | null) => void = () => undefined;
      stream.write(chunk, (error) => written(error));
      check();
      if (stream.writableLength === 0) return undefined;
      return new Promise((resolve, reject) => {
        written = (error) => (error ? reject(cannotWrite(error)) : resolve());
      });
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

/** Whether standard input can be read by its descriptor, or at least says why not. Terminals and sockets have streams. */
function readable(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFile() || stat.isDirectory() || (stat.isFIFO() && process.platform !== 'win32');
  } catch {
    return false;
  }
}

/** Reads standard input by its descriptor; undefined where that can't be done, or not now. */
function readNow(): (into: Uint8Array) => number | undefined {
  let direct: boolean | undefined;
  return (into) => {
    direct ??= readable();
    if (!direct) return undefined;
    try {
      return readSync(0, into);
    } catch (error) {
      // Whoever shares the pipe may have made it one that does not block; the process's stream can wait for that.
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
      throw error;
    }
  };
}

/** The process itself. Ctrl-C ends it at once unless a command asked for interrupts. */
export function processIo(): Io {
  let controller: AbortController | undefined;
  return {
    get stdin() {
      return input();
    },
    readNow: readNow(),
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
