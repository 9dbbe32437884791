#!/usr/bin/env node
// @ts-check
// Turns the changesets into the next version of all packages.
// changesets makes a minor release major when a peer leaves its range, and below 1.0.0 every minor release does. All
// packages share one version, so the peers are opened while it counts, and then set to the version it found.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, REPOSITORY } from '../files.mjs';
import { withPeers } from './peers.mjs';

const manifests = filesBelow(join(REPOSITORY, 'packages'), /^package\.json$/);
const before = manifests.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
rewrite(() => '*');
try {
  run('npx', ['--no-install', 'changeset', 'version']);
} catch (error) {
  for (const { path, text } of before) writeFileSync(path, text);
  throw error;
}
rewrite(({ version }) => `^${version}`);
run('npm', ['install', '--package-lock-only']);
run('node', ['tools/lockfile/complete.mjs']);

/** @param {(manifest: import('./peers.mjs').PeerManifest) => string} range */
function rewrite(range) {
  for (const path of manifests) {
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, `${JSON.stringify(withPeers(manifest, range(manifest)), null, 2)}\n`);
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  execFileSync(command, args, { cwd: REPOSITORY, stdio: ['ignore', 'inherit', 'inherit'] });
}
