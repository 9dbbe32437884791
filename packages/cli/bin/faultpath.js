#!/usr/bin/env node
import { existsSync } from 'node:fs';

const entry = new URL('../dist/index.js', import.meta.url);
if (existsSync(entry)) {
  const { main, processIo } = await import(entry.href);
  process.exitCode = await main(process.argv.slice(2), processIo());
} else {
  process.stderr.write('faultpath: CLI_NOT_BUILT: dist/index.js is missing (in a clone run `npm run build` first)\n');
  process.exitCode = 2;
}
