import { randomBytes } from 'node:crypto';
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

async function replace(path: string, content: string | Uint8Array): Promise<void> {
  // Beside the target, because a rename across filesystems is no rename.
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
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
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new ReportError(
      'REPORT_CANNOT_WRITE',
      `cannot write ${plainText(path)}: ${why}; is the folder there and writable?`,
      { cause },
    );
  }
}
