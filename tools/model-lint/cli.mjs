#!/usr/bin/env node
// @ts-check
// usage: node tools/model-lint/cli.mjs [package folder …]
// Judges the sources of all model packages, or of the folders named. Exit 0: nothing found, 1: findings, 2: misuse.
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { filesBelow, REPOSITORY } from '../files.mjs';
import { MODEL_PACKAGES } from '../packages.mjs';
import { lintModels, ModelLintError } from './lint.mjs';

const named = process.argv.slice(2).map((folder) => resolve(folder));
const folders =
  named.length > 0
    ? named
    : MODEL_PACKAGES.map((name) => join(REPOSITORY, 'packages', name)).filter((path) => existsSync(path));

try {
  const files = folders.flatMap(sourcesOf);
  const { functions, findings } = lintModels(files, {
    engineFolder: join(REPOSITORY, 'packages/engine/'),
    compilerOptions: compilerOptions(),
  });
  for (const { file, line, column, code, message, advice } of findings) {
    console.log(`${relative(process.cwd(), file)}:${line}:${column} ${code} ${message}; ${advice}`);
  }
  console.log(`model-lint: ${functions} kernel functions in ${files.length} files, ${findings.length} findings`);
  process.exitCode = findings.length > 0 ? 1 : 0;
} catch (error) {
  if (!(error instanceof ModelLintError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 2;
}

/** @param {string} folder */
function sourcesOf(folder) {
  const files = filesBelow(join(folder, 'src'), /\.ts$/);
  if (files.length === 0) throw new ModelLintError('FAULTPATH_LINT_NO_FILES', `${folder}: no sources in src`);
  return files;
}

function compilerOptions() {
  const file = join(REPOSITORY, 'tsconfig.base.json');
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  return ts.convertCompilerOptionsFromJson(config.compilerOptions, REPOSITORY).options;
}
