// @ts-check
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { filesBelow } from '../files.mjs';
import { lineAt } from './check.mjs';

/**
 * A public interface is a list written by hand: `export *` would publish whatever somebody adds below.
 *
 * @type {import('./check.mjs').Check}
 */
export function closedExports(root) {
  const files = filesBelow(join(root, 'packages'), /\.ts$/).filter((path) => path.includes('/src/'));
  const findings = files.flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    return [...text.matchAll(/^\s*export\s+(type\s+)?\*/gm)].map((match) => ({
      file: relative(root, path),
      line: lineAt(text, match.index + match[0].length),
      message: 'export * opens the interface: list the names',
    }));
  });
  return { looked: files.length, findings };
}
