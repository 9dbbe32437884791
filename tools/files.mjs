// @ts-check
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's own folder, with a slash at its end. */
export const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git', '.nx', 'fixtures']);

/**
 * All files below a folder, sorted, without what is installed, built or a test's fixture.
 *
 * @param {string} folder
 * @param {RegExp} pattern the end of the names wanted
 * @returns {string[]} joined to `folder`; none where there is no such folder
 */
export function filesBelow(folder, pattern) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : filesBelow(path, pattern);
      return pattern.test(entry.name) ? [path] : [];
    });
}
