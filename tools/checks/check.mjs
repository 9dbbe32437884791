// @ts-check
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ file: string, line: number, message: string }} CheckFinding file: from the root, line: from 1
 * @typedef {{ looked: number, findings: CheckFinding[] }} CheckResult looked: how many things were judged; none is a failure
 * @typedef {(root: string) => CheckResult} Check
 */

/**
 * The folders of all packages.
 *
 * @param {string} root
 */
export function packageFolders(root) {
  return readdirSync(join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/**
 * The line, from 1, on which an offset of a text lies.
 *
 * @param {string} text
 * @param {number} offset
 */
export function lineAt(text, offset) {
  return text.slice(0, offset).split('\n').length;
}
