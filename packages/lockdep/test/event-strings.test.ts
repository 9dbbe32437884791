import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { table } from './event-strings.ts';

const page = new URL('../../../docs/lockdep.md', import.meta.url);
const begin = '<!-- event strings: begin -->';
const end = '<!-- event strings: end -->';

describe('docs/lockdep.md', () => {
  it('has the table of event strings that the code makes', async () => {
    const text = readFileSync(page, 'utf8');
    const [before, rest] = text.split(begin);
    const [now, after] = rest!.split(end);
    const fresh = `\n\n${await table()}\n\n`;
    // `FAULTPATH_UPDATE_DOCS=1 npx vitest run packages/lockdep` writes it.
    if (process.env['FAULTPATH_UPDATE_DOCS'] === '1') writeFileSync(page, `${before}${begin}${fresh}${end}${after}`);
    else expect(now).toBe(fresh);
  });
});
