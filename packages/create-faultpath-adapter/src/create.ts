import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { templateFiles } from './template.ts';

/** Stable codes of what one can do wrong. */
export type CreateErrorCode = 'CREATE_NAME' | 'CREATE_NOT_EMPTY';

/** A package that cannot be created; nothing was written. */
export class CreateError extends Error {
  override readonly name = 'CreateError';
  readonly code: CreateErrorCode;

  constructor(code: CreateErrorCode, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/**
 * Writes a new adapter package into a folder, which is made if it is missing. Gives the paths that were written.
 *
 * @throws CreateError `CREATE_NAME` for a name that no filesystem has, `CREATE_NOT_EMPTY` for a folder with something in it
 */
export function createAdapter(folder: string, name: string, version: string): readonly string[] {
  if (!/^[a-z][a-z0-9]*$/.test(name)) {
    throw new CreateError(
      'CREATE_NAME',
      `'${name}' is no name of a filesystem: lower-case letters and digits, as in /proc/filesystems`,
    );
  }
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new CreateError('CREATE_NOT_EMPTY', `${folder} is not empty; name a new folder`);
  return templateFiles(name, version, readFileSync(guideFile(), 'utf8')).map(({ path, text }) => {
    const to = join(folder, path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, text);
    return path;
  });
}

/** Packed beside `dist`; in the repository, the page itself. */
function guideFile(): string {
  const here = typeof __dirname === 'string' ? __dirname : dirname(fileURLToPath(import.meta.url));
  const packed = join(here, '../guide/write-an-adapter.txt');
  return existsSync(packed) ? packed : join(here, '../../../docs/write-an-adapter.md');
}
