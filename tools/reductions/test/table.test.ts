import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { reductionsTable } from '../table.ts';

describe('docs/engine.md', () => {
  it('has the table of reductions that node tools/reductions/cli.mjs writes', () => {
    const page = readFileSync(new URL('../../../docs/engine.md', import.meta.url), 'utf8');
    expect(page).toContain(reductionsTable());
  });
});
