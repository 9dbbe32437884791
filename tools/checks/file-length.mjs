// @ts-check
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { filesBelow } from '../files.mjs';

const MOST_LINES = 400;

/**
 * One concept a file.
 *
 * @type {import('./check.mjs').Check}
 */
export function fileLength(root) {
  const files = ['packages', 'tools'].flatMap((folder) => filesBelow(join(root, folder), /\.[cm]?[jt]s$/));
  const findings = files.flatMap((path) => {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n').length;
    const message = `${lines} lines, and ${MOST_LINES} are the most: one concept a file`;
    return lines > MOST_LINES ? [{ file: relative(root, path), line: MOST_LINES + 1, message }] : [];
  });
  return { looked: files.length, findings };
}
