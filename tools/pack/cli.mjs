#!/usr/bin/env node
// @ts-check
// usage: node tools/pack/cli.mjs packages/<name>
// Packs a built package into dist/packs and lets publint and are-the-types-wrong judge the tarball itself.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const packs = join(repository, 'dist/packs');
const folder = process.argv[2];
if (!folder) {
  console.error('usage: node tools/pack/cli.mjs packages/<name>');
  process.exit(2);
}

mkdirSync(packs, { recursive: true });
const packed = run('npm', ['pack', '--json', '--pack-destination', packs], join(repository, folder));
const tarball = join(packs, JSON.parse(packed)[0].filename);
process.stdout.write(run('publint', ['--strict', tarball], repository));
// Node 10 knows no exports, and no supported release is that old
process.stdout.write(run('attw', ['--profile', 'node16', '--no-emoji', tarball], repository));

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 */
function run(command, args, cwd) {
  const path = `${join(repository, 'node_modules/.bin')}:${process.env['PATH']}`;
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, PATH: path },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  } catch (error) {
    process.stdout.write(/** @type {{ stdout?: string }} */ (error).stdout ?? '');
    console.error(`${folder}: ${command} failed`);
    process.exit(1);
  }
}
