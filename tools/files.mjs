// @ts-check
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's own folder, with a slash at its end. */
export const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

const GENERATED = ['node_modules', 'dist', 'coverage', '.git', '.nx'];
const SKIPPED = [...GENERATED, 'fixtures'];

/**
 * All files below a folder, sorted, without what is installed or built, and without the tests' fixtures.
 *
 * @param {string} folder
 * @param {RegExp} pattern what the names wanted match
 * @param {{ fixtures?: boolean }} options fixtures: with them
 * @returns {string[]} joined to `folder`; none where there is no such folder
 */
export function filesBelow(folder, pattern, { fixtures = false } = {}) {
  if (!existsSync(folder)) return [];
  const skipped = fixtures ? GENERATED : SKIPPED;
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return skipped.includes(entry.name) ? [] : filesBelow(path, pattern, { fixtures });
      return pattern.test(entry.name) ? [path] : [];
    });
}
