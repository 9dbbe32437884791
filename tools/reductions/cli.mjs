#!/usr/bin/env node
// @ts-check
// usage: node tools/reductions/cli.mjs
// Writes the tables of reductions into docs/engine.md. Takes minutes of CPU.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'tsup';
import { REPOSITORY } from '../files.mjs';

const folder = mkdtempSync(join(tmpdir(), 'reductions-'));
try {
  await build({
    config: false,
    entry: { table: join(REPOSITORY, 'tools/reductions/table.ts') },
    format: 'esm',
    platform: 'node',
    outDir: folder,
    outExtension: () => ({ js: '.mjs' }),
    noExternal: [/./],
    silent: true,
    tsconfig: join(REPOSITORY, 'tools/tsconfig.json'),
    esbuildOptions(options) {
      options.conditions = ['@faultpath/source'];
    },
  });
  /** @type {{ reductionsTable(): string, casesTable(): string }} */
  const { reductionsTable, casesTable } = await import(pathToFileURL(join(folder, 'table.mjs')).href);
  const page = join(REPOSITORY, 'docs/engine.md');
  let text = readFileSync(page, 'utf8');
  for (const [name, table] of Object.entries({ reductions: reductionsTable, cases: casesTable })) {
    const marked = new RegExp(`(<!-- ${name}: begin[^>]*-->\\n)[\\s\\S]*?(<!-- ${name}: end -->)`);
    if (!marked.test(text)) throw new Error(`docs/engine.md has lost the marks around the table of ${name}`);
    const written = table();
    text = text.replace(marked, (_, begin, end) => `${begin}${written}\n${end}`);
  }
  writeFileSync(page, text);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
