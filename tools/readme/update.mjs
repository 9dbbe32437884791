#!/usr/bin/env node
// @ts-check
// usage: node tools/readme/update.mjs FILE…
// Runs the command above each output block of a Markdown file and puts what it prints into the block:
//   <!-- output: faultpath conformance --fs ext4 | lines 1-20 -->
// The built command line must be there (npm run build).
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../files.mjs';

const BLOCK = /(<!-- output: faultpath ([^|]+?)(?: \| lines (\d+)-(\d+))? -->\n```text\n)[\s\S]*?(```)/g;

/**
 * Puts real output into every marked block of a text.
 *
 * @param {string} text
 * @param {(args: string[]) => string} run gives what the command prints
 */
export function updateBlocks(text, run) {
  return text.replace(BLOCK, (_, head, command, from, to, tail) => {
    const lines = run(command.trim().split(/\s+/)).trimEnd().split('\n');
    const shown = from === undefined ? lines : lines.slice(Number(from) - 1, Number(to));
    return `${head}${shown.map((/** @type {string} */ line) => line.trimEnd()).join('\n')}\n${tail}`;
  });
}

/** @param {string[]} args */
function faultpath(args) {
  const cli = join(REPOSITORY, 'packages/cli/bin/faultpath.js');
  return execFileSync(process.execPath, [cli, ...args], { encoding: 'utf8', cwd: REPOSITORY, maxBuffer: 1 << 28 });
}

if (process.argv[1]?.endsWith('update.mjs')) {
  const files = process.argv.slice(2);
  if (files.length === 0) {
    console.error('usage: node tools/readme/update.mjs FILE…');
    process.exit(2);
  }
  for (const file of files) writeFileSync(file, updateBlocks(readFileSync(file, 'utf8'), faultpath));
}
