import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bundledCells, caseRow, cellTitle } from '../cases-table.ts';
import { reductionsTable } from '../table.ts';

const page = readFileSync(new URL('../../../docs/engine.md', import.meta.url), 'utf8');
const rows = (/ cases: begin[^>]*>\n([\s\S]*?)\n\n/.exec(page)?.[1] ?? '').split('\n').slice(2);
/** Small ones of each filesystem and kind: the whole table takes minutes. */
const recomputed = ['ext4 dax/004', 'xfs dax/003', 'ext2 dax/006', 'nilfs2 page/002', 'f2fs page/005'];

function withoutTimes(row: string): string {
  return row.replace(/ \(\d+ ms\)/g, '');
}

describe('docs/engine.md', () => {
  it('has the table of reductions that node tools/reductions/cli.mjs writes', () => {
    expect(page).toContain(reductionsTable());
  });

  it('has a row for each bundled case that runs', () => {
    expect(rows.map((row) => row.split(' | ')[0])).toEqual(bundledCells().map((cell) => `| ${cellTitle(cell)}`));
  });

  it.each(recomputed)('says of %s what is found there', (title) => {
    const cell = bundledCells().find((each) => cellTitle(each) === title) ?? expect.fail(`${title} does not run`);
    expect(rows.map(withoutTimes)).toContain(withoutTimes(caseRow(cell)));
  });
});
