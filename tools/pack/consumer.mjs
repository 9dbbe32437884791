#!/usr/bin/env node
// @ts-check
// usage: node tools/pack/consumer.mjs <empty folder>
// Installs every tarball of dist/packs there, as a user would, and loads every public entry as ESM and as CommonJS.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, REPOSITORY } from '../files.mjs';

const folder = process.argv[2];
if (!folder || readdirSync(folder).length > 0) {
  console.error('usage: node tools/pack/consumer.mjs <empty folder>');
  process.exit(2);
}

const tarballs = packed();
writeFileSync(join(folder, 'package.json'), '{ "name": "consumer", "private": true }\n');
run('npm', ['install', '--no-audit', '--no-fund', ...tarballs]);

const entries = filesBelow(join(REPOSITORY, 'packages'), /^package\.json$/).flatMap((path) =>
  entriesOf(readFileSync(path, 'utf8')),
);
writeFileSync(join(folder, 'load.mjs'), entries.map((entry) => `await import('${entry}');\n`).join(''));
writeFileSync(join(folder, 'load.cjs'), entries.map((entry) => `require('${entry}');\n`).join(''));
run('node', ['load.mjs']);
run('node', ['load.cjs']);
console.log(`${tarballs.length} packages installed, ${entries.length} entries loaded as ESM and as CommonJS`);

/** The tarballs, exactly one for each package: an older version's beside them would be tested in its place. */
function packed() {
  const names = filesBelow(join(REPOSITORY, 'packages'), /^package\.json$/).length;
  const packs = join(REPOSITORY, 'dist/packs');
  const found = readdirSync(packs).filter((name) => name.endsWith('.tgz'));
  if (found.length !== names) {
    console.error(
      `${found.length} tarballs in dist/packs, but ${names} packages: remove the folder and run npm run pack`,
    );
    process.exit(1);
  }
  return found.map((name) => join(packs, name));
}

/** @param {string} text @returns {string[]} what a user may write behind `import` */
function entriesOf(text) {
  const { name, exports, peerDependenciesMeta = {} } = JSON.parse(text);
  // What an entry of this name needs is the user's to install, or not.
  const optional = (/** @type {string} */ subpath) => peerDependenciesMeta[subpath.slice(2)]?.optional === true;
  return Object.entries(exports).flatMap(([subpath, target]) =>
    typeof target === 'string' || optional(subpath) ? [] : [name + subpath.slice(1)],
  );
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
}
