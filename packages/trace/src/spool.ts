import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TraceError } from './error.ts';

/** A recording that came through a pipe, as a file. */
export interface Spooled {
  readonly path: string;
  /** Removes the file. */
  remove(): void;
}

/**
 * Writes chunks into a temporary file, for what can only be read by position. It is there whole or not at all: when the
 * chunks end with an error, the file is gone again.
 * @throws TraceError `TRACE_UNREADABLE_FILE` when there is no room for it
 */
export async function spool(chunks: AsyncIterable<Uint8Array>, name: string): Promise<Spooled> {
  const folder = attempt(name, () => mkdtempSync(join(tmpdir(), 'faultpath-trace-')));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'trace.dat');
    const file = attempt(name, () => openSync(path, 'wx', 0o600));
    try {
      for await (const chunk of chunks) {
        for (let done = 0; done < chunk.length; ) done += attempt(name, () => writeSync(file, chunk, done));
      }
    } finally {
      closeSync(file);
    }
    return { path, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function attempt<Value>(name: string, write: () => Value): Value {
  try {
    return write();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TraceError(
      'TRACE_UNREADABLE_FILE',
      `${name} is a trace.dat from a pipe, which needs a temporary file, and that cannot be written: ${reason}; make room in ${tmpdir()}, or give the recording's path`,
    );
  }
}
