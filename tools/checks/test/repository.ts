import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Check } from '../check.mjs';

/**
 * What a check finds in a repository of these files, as `file:line`. The files are written to a temporary folder: what
 * the checks forbid can't stand in the repository itself, not even as a fixture.
 */
export function findingsIn(check: Check, files: Readonly<Record<string, string>>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'faultpath-check-'));
  try {
    for (const [file, text] of Object.entries({ 'packages/mm/src/index.ts': '', ...files })) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    return check(root).findings.map(({ file, line }) => `${file}:${line}`);
  } finally {
    rmSync(root, { recursive: true });
  }
}
