#!/usr/bin/env node
// @ts-check
// usage: node tools/checks/cli.mjs
// Runs every check of the repository. Exit 0: nothing found, 1: findings, or a check that had nothing to judge.
import { REPOSITORY } from '../files.mjs';
import { closedExports } from './closed-exports.mjs';
import { docLinks } from './doc-links.mjs';
import { fileLength } from './file-length.mjs';
import { forbiddenText } from './forbidden-text.mjs';
import { importDirections } from './import-directions.mjs';
import { kernelDocs } from './kernel-docs.mjs';
import { lockfile } from './lockfile.mjs';
import { manifests } from './manifests.mjs';

const CHECKS = {
  'import-directions': importDirections,
  'closed-exports': closedExports,
  'file-length': fileLength,
  'forbidden-text': forbiddenText,
  manifests,
  lockfile,
  'doc-links': docLinks,
  'kernel-docs': kernelDocs,
};

let failed = 0;
for (const [name, check] of Object.entries(CHECKS)) {
  const { looked, findings } = check(REPOSITORY);
  for (const { file, line, message } of findings) console.log(`${file}:${line} ${name}: ${message}`);
  if (looked === 0) console.log(`${name}: had nothing to judge`);
  if (looked === 0 || findings.length > 0) failed += 1;
}
console.log(`check: ${Object.keys(CHECKS).length} checks, ${failed} with findings`);
process.exitCode = failed > 0 ? 1 : 0;
