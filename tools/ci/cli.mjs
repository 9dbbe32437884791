#!/usr/bin/env node
// @ts-check
// usage: node tools/ci/cli.mjs <vitest's JSON report>
// Prints "<passed> <failed>". A report that is missing or can't be read is one failure.
import { readFileSync } from 'node:fs';
import { totalsOf } from './totals.mjs';

try {
  const { passed, failed } = totalsOf(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
  console.log(`${passed} ${failed}`);
} catch {
  console.log('0 1');
}
