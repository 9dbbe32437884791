import { randomBytes } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ReportError } from './errors.ts';
import { plainText } from './text.ts';

/** The regular file behind a path (a link stays a link), or undefined for a pipe or a device, which cannot be replaced. */
async function regularFile(path: string): Promise<string | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return path;
  return facts.isFile() || facts.isDirectory() ? realpath(path) : undefined;
}

/** Beside the target, because a rename across filesystems is no rename. */
function temporaryFor(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
}

function cannotWrite(path: string, cause: unknown): ReportError {
  const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return new ReportError(
    'REPORT_CANNOT_WRITE',
    `cannot write ${plainText(path)}: ${why}; is the folder there and writable?`,
    { cause },
  );
}

async function replace(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = temporaryFor(path);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cause;
  }
}

/**
 * Writes a file whole or not at all: a reader sees the old content or the new, whatever happens in between. A pipe or a
 * device is written to as it is.
 *
 * @throws ReportError REPORT_CANNOT_WRITE; the old file is untouched and nothing is left beside it.
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  try {
    const target = await regularFile(path);
    await (target === undefined ? writeFile(path, content) : replace(target, content));
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/** A file that is written in pieces and appears whole. */
export interface WholeFile {
  /** @throws ReportError REPORT_CANNOT_WRITE */
  write(piece: string): void;
  /**
   * Puts the file in its place. Nothing may be written after it.
   *
   * @throws ReportError REPORT_CANNOT_WRITE
   */
  keep(): void;
  /** Leaves what was there before. Safe to call after `keep`. */
  drop(): void;
}

/**
 * Begins a file that is too large to hold in memory. Pieces are written at once, so that no reader can be slower than the
 * writer.
 *
 * @throws ReportError REPORT_CANNOT_WRITE
 */
export async function beginWhole(path: string): Promise<WholeFile> {
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw cannotWrite(path, cause);
    }
  };
  const target = await regularFile(path);
  const temporary = target === undefined ? undefined : temporaryFor(target);
  const file = attempt(() => openSync(temporary ?? path, temporary === undefined ? 'w' : 'wx'));
  let open = true;
  const close = (): void => {
    if (open) closeSync(file);
    open = false;
  };
  return {
    write: (piece) =>
      attempt(() => {
        const bytes = Buffer.from(piece);
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      }),
    keep: () =>
      attempt(() => {
        close();
        if (temporary !== undefined && target !== undefined) renameSync(temporary, target);
      }),
    drop() {
      close();
      if (temporary !== undefined) rmSync(temporary, { force: true });
    },
  };
}
