import { spawn } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundled } from '../../../tools/vitest/bundled.ts';

/** The package as a user has it, but with the packages below bundled from their sources, so that nothing needs a build. */
export interface Built {
  readonly folder: string;
  readonly bin: string;
  remove(): Promise<void>;
}

export async function buildPackage(): Promise<Built> {
  const { folder, remove } = await bundled('built', { index: new URL('../src/index.ts', import.meta.url) }, 'dist');
  const bin = join(folder, 'bin', 'faultpath.js');
  await mkdir(join(folder, 'bin'));
  await cp(fileURLToPath(new URL('../bin/faultpath.js', import.meta.url)), bin);
  return { folder, bin, remove };
}

/** Runs a shell line in which `faultpath` is the built command. */
export function shell(
  line: string,
  bin: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', `faultpath() { "${process.execPath}" "${bin}" "$@"; }\n${line}`], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
