#!/usr/bin/env node
// @ts-check
// usage: node tools/findings/cli.mjs [--check]
// Writes into docs/findings what the models say now: the states of every cell that a page quotes, and every run that it
// shows. With --check nothing is written; exit 1 where a page says something else. The built command line must be there.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '../files.mjs';
import { nameOf, quotedCells, refresh } from './pages.mjs';

const folder = join(REPOSITORY, 'docs/findings');
const pages = readdirSync(folder).map((name) => join(folder, name));

/** @param {string[]} args */
function faultpath(args) {
  const cli = join(REPOSITORY, 'packages/cli/bin/faultpath.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status === 0 || status === 1) return stdout;
  throw new Error(`faultpath ${args.join(' ')} ended with ${status}: ${stderr}`);
}

/** @param {import('./pages.mjs').Cell[]} quoted */
function explore(quoted) {
  const out = mkdtempSync(join(tmpdir(), 'findings-'));
  try {
    /** @type {Map<string, import('./pages.mjs').Explored>} */
    const cells = new Map();
    // One run for all cells of a filesystem and policy: what is the same is explored once.
    for (const key of new Set(quoted.map(({ fs, policy }) => `${fs} ${policy}`))) {
      const [fs = '', policy = ''] = key.split(' ');
      const mine = quoted.filter((cell) => cell.fs === fs && cell.policy === policy);
      const list = (/** @type {(cell: import('./pages.mjs').Cell) => string} */ of) =>
        [...new Set(mine.map(of))].join();
      const file = join(out, 'cells.json');
      const only = [
        '--fs',
        fs,
        '--policy',
        policy,
        '--era',
        list(({ era }) => era),
        '--case',
        list((each) => each.case),
      ];
      faultpath(['conformance', ...only, '--out', file]);
      /** @type {{ results: (import('./pages.mjs').Cell & import('./pages.mjs').Explored)[] }} */
      const { results } = JSON.parse(readFileSync(file, 'utf8'));
      for (const result of results) cells.set(nameOf(result), result);
    }
    return cells;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

const cells = explore(pages.flatMap((path) => quotedCells(readFileSync(path, 'utf8'))));
let stale = 0;
for (const path of pages) {
  const before = readFileSync(path, 'utf8');
  const after = refresh(before, cells, (command) => faultpath(command.split(' ')));
  if (after === before) continue;
  stale += 1;
  if (process.argv.includes('--check'))
    console.log(`${path.slice(REPOSITORY.length + 1)}: the models say something else now`);
  else writeFileSync(path, after);
}
console.log(`findings: ${pages.length} pages, ${stale} ${process.argv.includes('--check') ? 'stale' : 'written'}`);
process.exitCode = process.argv.includes('--check') && stale > 0 ? 1 : 0;
