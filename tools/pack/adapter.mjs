#!/usr/bin/env node
// @ts-check
// usage: node tools/pack/adapter.mjs <empty folder> [folder of tarballs]
// What a stranger does, with the packed packages only: create an adapter, see it fail where it is to be filled in, fill it
// in after the guide, run the suite under vitest and node:test, and load it into the command line by path and by name.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../files.mjs';

const [folder, packs = join(REPOSITORY, 'dist/packs')] = process.argv.slice(2);
if (!folder || readdirSync(folder).length > 0) {
  console.error('usage: node tools/pack/adapter.mjs <empty folder> [folder of tarballs]');
  process.exit(2);
}
const tarballs = readdirSync(packs).filter((name) => name.endsWith('.tgz'));
const project = join(folder, 'myfs');
const bin = (/** @type {string} */ name) => join(project, 'node_modules/.bin', name);

run(folder, 'npm', ['install', '--no-audit', '--no-fund', ...tarballs.map((name) => join(packs, name))]);
run(folder, join(folder, 'node_modules/.bin/create-faultpath-adapter'), ['myfs']);
useTarballs();
run(project, 'npm', ['install', '--no-audit', '--no-fund']);

// As it was written: it compiles, and each failure names what to fill in.
if (existsSync(join(project, 'node_modules/@faultpath/mm/dist/index.d.ts'))) run(project, bin('tsc'), ['--noEmit']);
for (const [command, args] of suites()) {
  const { code, output } = start(project, command, args);
  expect(code === 1, `${args[0]}: the new adapter must fail`, output);
  const guide = readFileSync(join(project, 'docs/write-an-adapter.md'), 'utf8').split('\n');
  for (const step of ['Step 3: blocks', 'Step 4: reclaim']) {
    const place = `docs/write-an-adapter.md:${guide.indexOf(`## ${step}`) + 1} (${step})`;
    expect(output.includes(place), `no failure names ${place}`, output);
  }
}

copyFileSync(join(REPOSITORY, 'tools/pack/fixtures/myfs.js'), join(project, 'src/index.js'));
for (const [command, args] of suites()) run(project, command, args);
const selection = ['--policy', 'as-released', '--case', 'quick'];
run(project, bin('faultpath'), ['conformance', '--adapter', './src/index.js', ...selection, '--junit', 'junit.xml']);
run(project, 'npm', ['install', '--no-save', '--no-audit', '--no-fund', project]);
run(project, bin('faultpath'), ['conformance', '--adapter', 'faultpath-myfs', ...selection, '--sarif', 'out.sarif']);
hangs();
besideRefused();
console.log('an adapter was created, filled in, and judged under vitest, node:test and the command line');

/** A handler that never comes back fails its adapter; the run ends. */
function hangs() {
  const text = readFileSync(join(project, 'src/index.js'), 'utf8');
  const hanging = text.replace(
    'if (vmf.write) yield sb_start',
    'while (vmf.write);\n    if (vmf.write) yield sb_start',
  );
  writeFileSync(join(project, 'src/hangs.mjs'), hanging);
  const only = ['--era', 'v6.1', '--policy', 'as-released', '--case', 'dax/001,dax/002', '--patience', '3'];
  const { code, output } = start(project, bin('faultpath'), ['conformance', '--adapter', './src/hangs.mjs', ...only]);
  expect(code === 1 && output.includes('CONFORMANCE_ADAPTER_HANGS'), 'a handler that hangs must be ended', output);
}

/** An adapter whose declaration is refused fails beside one that passes. */
function besideRefused() {
  const text = readFileSync(join(project, 'src/index.js'), 'utf8');
  writeFileSync(join(project, 'src/refused.mjs'), text.replace("'dax_entry', 'map_lock'", "'dax_entry', 'map_lok'"));
  const only = ['--era', 'v6.1', '--policy', 'as-released', '--case', 'dax/001', '--json'];
  for (const jobs of ['1', '2']) {
    const modules = './src/refused.mjs,./src/index.js';
    const args = ['conformance', '--adapter', modules, ...only, '--jobs', jobs];
    const { code, output } = start(project, bin('faultpath'), args);
    const verdicts = /** @type {{ results: { verdict: string }[] }} */ (JSON.parse(output)).results.map(
      ({ verdict }) => verdict,
    );
    expect(code === 1 && output.includes('FS_LOCK_UNKNOWN'), 'a misspelt lock must be named', output);
    expect(verdicts.join() === 'pass,fail', 'the adapter beside it must pass', output);
  }
}

/** @returns {[string, string[]][]} */
function suites() {
  return [
    [bin('vitest'), ['run']],
    ['node', ['--test', 'test/node.mjs']],
  ];
}

/** The packages are not published: their names are given to tarballs. */
function useTarballs() {
  const path = join(project, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  const own = Object.fromEntries(
    tarballs.map((name) => {
      const file = `file:${join(packs, name)}`;
      const scoped = name.startsWith('faultpath-') && !/^faultpath-\d/.test(name);
      const bare = name.replace(/-\d+\.\d+\.\d+\.tgz$/, '');
      return [scoped ? `@faultpath/${bare.slice('faultpath-'.length)}` : bare, file];
    }),
  );
  const { vitest, typescript } = manifest.devDependencies;
  manifest.devDependencies = { ...own, vitest, typescript };
  manifest.peerDependencies = {};
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * @param {string} cwd
 * @param {string} command
 * @param {string[]} args
 */
function start(cwd, command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { code: status, output: `${stdout}${stderr}` };
}

/**
 * @param {string} cwd
 * @param {string} command
 * @param {string[]} args
 */
function run(cwd, command, args) {
  const { code, output } = start(cwd, command, args);
  expect(code === 0, `${command} ${args.join(' ')} exits ${code}`, output);
}

/**
 * @param {boolean} holds
 * @param {string} what
 * @param {string} output
 */
function expect(holds, what, output) {
  if (holds) return;
  console.error(`${output}\n${what}`);
  process.exit(1);
}
