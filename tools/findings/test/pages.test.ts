import { describe, expect, test } from 'vitest';
import { quotedCells, refresh, runOf, shownRuns } from '../pages.mjs';

const page = [
  'It takes <!--states ext4/v6.1/as-released/dax/004-->1<!----> states.',
  '<!-- run: faultpath conformance --fs ext4 -->',
  '```',
  'old',
  '```',
].join('\n');
const output =
  'table\n\n1 cell: 1 fail\n\na waits for b: each for the next\n\n  a  holds  x\n\nSee it again:\n  faultpath replay ext4 y\n';
const cells = new Map([['ext4/v6.1/as-released/dax/004', { states: 12345, verdict: 'xfail', exhausted: true }]]);

describe('a page of findings', () => {
  test('names the cells and commands that it quotes', () => {
    expect(quotedCells(page)).toEqual([{ fs: 'ext4', era: 'v6.1', policy: 'as-released', case: 'dax/004' }]);
    expect(shownRuns(page)).toEqual(['conformance --fs ext4']);
  });

  test('gets the numbers and runs of today', () => {
    const after = refresh(page, cells, () => output);
    expect(after).toContain('-->12,345<!---->');
    expect(after).toContain(
      '```\na waits for b: each for the next\n\n  a  holds  x\n\nSee it again:\n  faultpath replay ext4 y\n```',
    );
    expect(refresh(after, cells, () => output)).toBe(after);
  });

  test('is refused where a cell is gone, was not run, or a command finds nothing', () => {
    expect(() => refresh(page, new Map(), () => output)).toThrow();
    const notrun = new Map([['ext4/v6.1/as-released/dax/004', { states: 0, verdict: 'notrun', exhausted: false }]]);
    expect(() => refresh(page, notrun, () => output)).toThrow();
    expect(() => runOf('all is well\n')).toThrow();
  });
});
