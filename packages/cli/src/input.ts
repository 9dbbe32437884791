import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';

function cannotRead(name: string, cause: unknown): CliError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  const why: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EISDIR: 'it is a folder',
    EACCES: 'reading it is not permitted',
  };
  return new CliError(
    'CLI_CANNOT_READ',
    `cannot read ${name}: ${why[code] ?? code}`,
    'give a readable file, or - for standard input',
    { cause },
  );
}

/** What errors and reports call an input. */
export function inputName(path: string): string {
  return path === '-' ? 'standard input' : path;
}

/**
 * Opens a file, or standard input for `-`, as a stream of its bytes.
 *
 * @throws CliError CLI_CANNOT_READ, also in the middle of the stream.
 */
export async function* openInput(path: string, io: Io): AsyncGenerator<Uint8Array> {
  const source = path === '-' ? io.stdin : createReadStream(resolve(io.cwd, path), { highWaterMark: 1 << 20 });
  try {
    for await (const chunk of source) yield chunk;
  } catch (cause) {
    if (cause instanceof Error && 'syscall' in cause) throw cannotRead(inputName(path), cause);
    throw cause;
  }
}

/**
 * A whole input as text.
 *
 * @throws CliError CLI_CANNOT_READ
 */
export async function readInput(path: string, io: Io): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of openInput(path, io)) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/**
 * Standard input, read into the caller's own memory, as far as there is something to read: a reader of large files saves
 * what the stream costs, and a reader of a pipe gets each line when it comes.
 *
 * @returns reads once; gives the number of bytes, 0 at the end
 * @throws CliError CLI_CANNOT_READ, from the returned function
 */
export function inputReader(io: Io): (into: Uint8Array) => Promise<number> {
  let stream: AsyncGenerator<Uint8Array> | undefined;
  let rest: Uint8Array = new Uint8Array(0);
  return async (into) => {
    if (stream === undefined) {
      try {
        const length = io.readNow?.(into);
        if (length !== undefined) return length;
      } catch (cause) {
        throw cannotRead(inputName('-'), cause);
      }
      stream = openInput('-', io);
    }
    while (rest.length === 0) {
      const next = await stream.next();
      if (next.done === true) return 0;
      rest = next.value;
    }
    const part = rest.subarray(0, into.length);
    into.set(part);
    rest = rest.subarray(part.length);
    return part.length;
  };
}
