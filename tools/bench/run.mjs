#!/usr/bin/env node
// @ts-check
// usage: npm run bench -- <name> [--json], with one of the benches beside this file
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const names = readdirSync(here)
  .filter((file) => file.endsWith('.mjs') && file !== 'run.mjs')
  .map((file) => file.slice(0, -'.mjs'.length));
const json = process.argv.includes('--json');
const [name, ...rest] = process.argv.slice(2).filter((word) => word !== '--json');

if (name === undefined || rest.length > 0 || !names.includes(name)) {
  process.stderr.write(`usage: npm run bench -- ${names.join('|')} [--json]\n`);
  process.exitCode = 2;
} else {
  const { run } = await import(`./${name}.mjs`);
  const result = await run({ json });
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  // A bench that got something wrong, not one that was slow: the machine may be busy.
  if (result.failed === true) process.exitCode = 1;
}
