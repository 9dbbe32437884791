#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';
import { setFlagsFromString } from 'node:v8';

const entry = new URL('../dist/index.js', import.meta.url);
const [group, command] = process.argv.slice(2);
// Reading a recording is over before large functions that were inlined into each other have paid for their compiling. Only
// where it was tried, because V8 complains of a flag that it no longer has.
if (group === 'trace' && command === 'check' && /^v2[024]\./.test(process.version)) {
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=50');
  // Most functions are not called often enough to pay for being compiled so soon. Later versions don't have this flag.
  if (process.version.startsWith('v20.')) setFlagsFromString('--interrupt-budget=300000');
}
if (existsSync(entry)) {
  // Node has it from 22.8 on; it does without where its folder cannot be written.
  module.enableCompileCache?.();
  const { main, processIo } = await import(entry.href);
  process.exitCode = await main(process.argv.slice(2), processIo());
} else {
  process.stderr.write('faultpath: CLI_NOT_BUILT: dist/index.js is missing (in a clone run `npm run build` first)\n');
  process.exitCode = 2;
}
