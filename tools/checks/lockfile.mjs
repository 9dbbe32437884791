// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingPlatformEntries } from '../lockfile/platform-entries.mjs';

/**
 * The lockfile installs on every platform and names no registry.
 *
 * @type {import('./check.mjs').Check}
 */
export function lockfile(root) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const entries = Object.entries(lock.packages);
  const messages = [
    ...missingPlatformEntries(lock).map(
      ({ name }) => `lacks ${name}, and npm ci will refuse it: node tools/lockfile/complete.mjs`,
    ),
    ...entries
      // npm needs `resolved` to find a workspace
      .filter(([, entry]) => 'resolved' in entry && !entry.link)
      .map(([path]) => `${path} records where it was downloaded: set omit-lockfile-registry-resolved`),
  ];
  return {
    looked: entries.length,
    findings: messages.map((message) => ({ file: 'package-lock.json', line: 1, message })),
  };
}
