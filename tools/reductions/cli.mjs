#!/usr/bin/env node
// @ts-check
// usage: node tools/reductions/cli.mjs
// Writes the table of reductions into docs/engine.md.
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
  /** @type {{ reductionsTable(): string }} */
  const { reductionsTable } = await import(pathToFileURL(join(folder, 'table.mjs')).href);
  const page = join(REPOSITORY, 'docs/engine.md');
  const text = readFileSync(page, 'utf8');
  const marked = /(<!-- reductions: begin[^>]*-->\n)[\s\S]*?(<!-- reductions: end -->)/;
  if (!marked.test(text)) throw new Error('docs/engine.md has lost the marks around the table of reductions');
  writeFileSync(
    page,
    text.replace(marked, (_, begin, end) => `${begin}${reductionsTable()}\n${end}`),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
