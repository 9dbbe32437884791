#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';

const entry = new URL('../dist/index.js', import.meta.url);
if (existsSync(entry)) {
  // Node has it from 22.8 on; it does without where its folder cannot be written.
  module.enableCompileCache?.();
  const { main, processIo } = await import(entry.href);
  process.exitCode = await main(process.argv.slice(2), processIo());
} else {
  process.stderr.write('faultpath: CLI_NOT_BUILT: dist/index.js is missing (in a clone run `npm run build` first)\n');
  process.exitCode = 2;
}
