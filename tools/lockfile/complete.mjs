#!/usr/bin/env node
// @ts-check
// Adds the entries `npm install` left out of package-lock.json. Run after every change of a dependency.
import { readFile, writeFile } from 'node:fs/promises';
import { completeLockfile, missingPlatformEntries } from './platform-entries.mjs';

const file = new URL('../../package-lock.json', import.meta.url);
const lock = JSON.parse(await readFile(file, 'utf8'));
const missing = missingPlatformEntries(lock);
if (missing.length > 0) await writeFile(file, `${JSON.stringify(completeLockfile(lock), null, 2)}\n`);
console.log(`package-lock.json: ${missing.length} platform entries added`);
