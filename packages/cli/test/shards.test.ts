import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorCode, run } from './io.ts';

// What fails as expected has a run to tell, which must come through the shards too.
const selection = ['conformance', '--fs', 'ext2,ext4', '--era', 'v5.15,v6.1', '--case', 'dax/001,dax/004,page/001'];
const asked = [...selection, '--policy', 'as-released,core'];
const formats = ['junit', 'sarif', 'tap', 'html', 'badge', 'out'];
const reports = formats.flatMap((name) => [`--${name}`, `whole.${name}`]);

/** A report without the time it took. */
function timeless(text: string): string {
  return text
    .replaceAll(/[0-9.]+ s\b/g, '0 s')
    .replaceAll(/"seconds": [0-9.]+/g, '"seconds": 0')
    .replaceAll(/time="[0-9.]+"/g, '');
}

let folder = '';
let whole = { code: 0, stdout: '', stderr: '' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultpath-shards-'));
  whole = await run([...asked, ...reports, '--github'], { cwd: folder });
  for (const shard of [1, 2, 3])
    await run([...asked, '--shard', `${shard}/3`, '--out', `${shard}.json`], { cwd: folder });
}, 120_000);

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function change(name: string, to: string, how: (document: Record<string, unknown>) => void): Promise<void> {
  const document = JSON.parse(await readFile(join(folder, name), 'utf8')) as Record<string, unknown>;
  how(document);
  await writeFile(join(folder, to), JSON.stringify(document));
}

describe('three shards, merged', () => {
  test('are the unsharded run in every format', async () => {
    const merged = await run(
      [
        'merge',
        '3.json',
        '1.json',
        '2.json',
        ...formats.flatMap((name) => [`--${name}`, `merged.${name}`]),
        '--github',
      ],
      { cwd: folder },
    );
    expect(merged.code).toBe(whole.code);
    expect(timeless(merged.stdout)).toBe(timeless(whole.stdout));
    expect(whole.stdout).toContain('faultpath replay');
    for (const name of formats) {
      const [one, other] = await Promise.all(
        ['whole', 'merged'].map((each) => readFile(join(folder, `${each}.${name}`), 'utf8')),
      );
      expect([name, timeless(other ?? '')]).toEqual([name, timeless(one ?? '')]);
    }
    expect(await readFile(join(folder, 'whole.out'), 'utf8')).toContain('"sameAs"');
  });

  test.each([
    ['one is missing', ['1.json', '3.json'], 'REPORT_SHARDS'],
    ['one comes twice', ['1.json', '2.json', '2.json', '3.json'], 'REPORT_SHARDS'],
    ['one is of another run', ['1.json', '2.json', 'other-run.json'], 'REPORT_SHARDS'],
    ['one was cut otherwise', ['1.json', '2.json', 'other-cut.json'], 'REPORT_SHARDS'],
    ['one is of another version', ['1.json', '2.json', 'other-version.json'], 'REPORT_VERSIONS'],
    ['one is cut off', ['1.json', '2.json', 'cut-off.json'], 'REPORT_NOT_JSON'],
    ['one tells what is no run', ['1.json', '2.json', 'bad-witness.json'], 'REPORT_BAD_DOCUMENT'],
  ])('are refused where %s', async (_what, files, code) => {
    const part = await readFile(join(folder, '3.json'), 'utf8');
    await writeFile(join(folder, 'cut-off.json'), part.slice(0, -200));
    await change('3.json', 'other-version.json', (document) => {
      document['version'] = '9.9.9';
    });
    await change('3.json', 'other-cut.json', (document) => {
      (document['shard'] as { of: number }).of = 4;
    });
    await change('3.json', 'bad-witness.json', (document) => {
      (document['shard'] as { witnesses: unknown[] }).witnesses.push({ cell: {} });
    });
    await run([...selection, '--policy', 'as-released', '--shard', '3/3', '--out', 'other-run.json'], { cwd: folder });
    const merged = await run(['merge', ...files], { cwd: folder });
    expect([merged.code, errorCode(merged)]).toEqual([2, code]);
  });
});
