import { cp, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CaseResult, makeDocument, toJson } from '@faultpath/report';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Built, buildPackage, shell } from './built.ts';

let built: Built;

beforeAll(async () => {
  built = await buildPackage();
});

afterAll(() => built.remove());

/** Bytes that node reads before the first command is looked at. */
async function startupBytes(file: string, seen: Set<string>): Promise<number> {
  if (seen.has(file)) return 0;
  seen.add(file);
  const text = await readFile(file, 'utf8');
  const imports = [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom\s*"(\.[^"]+)"|^import\s*"(\.[^"]+)"/gm)];
  let bytes = (await stat(file)).size;
  for (const match of imports) bytes += await startupBytes(join(dirname(file), match[1] ?? match[2] ?? ''), seen);
  return bytes;
}

describe('the built command', () => {
  test('runs, and says how it ended', async () => {
    expect(await shell('faultpath --help', built.bin)).toMatchObject({ code: 0, stderr: '' });
    expect(await shell('faultpath gfp 0xcc0 --kernel 6.1', built.bin)).toMatchObject({ code: 0, stderr: '' });
    const wrong = await shell('faultpath nonsense', built.bin);
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toMatch(/^faultpath: CLI_UNKNOWN_COMMAND: .*\n$/);
  });

  test('loads next to nothing to print its help', async () => {
    const entry = join(built.folder, 'dist', 'index.js');
    expect(await startupBytes(entry, new Set())).toBeLessThan(40_000);
  });

  test('is quiet when its reader goes away', async () => {
    const one: CaseResult = {
      fs: 'ext4',
      era: 'v6.1',
      policy: 'core',
      case: 'x',
      title: 't',
      level: 'MUST',
      counterfactual: false,
      verdict: 'pass',
      states: 1,
      transitions: 1,
      exhausted: true,
      bounds: {},
      findings: [],
      notes: [],
    };
    const many = makeDocument(Array.from({ length: 20_000 }, (_, i) => ({ ...one, case: `c/${i}` })));
    const file = join(built.folder, 'many.json');
    await writeFile(file, toJson(many));
    const { stdout, stderr } = await shell(`faultpath merge '${file}' --json | head -n 1`, built.bin);
    expect([stdout, stderr]).toEqual(['{\n', '']);
  });

  test('without its dist says what to do', async () => {
    const bare = join(built.folder, 'bare', 'bin', 'faultpath.js');
    await cp(built.bin, bare);
    const { code, stderr } = await shell('faultpath --help', bare);
    expect([code, stderr.split('\n').length]).toEqual([2, 2]);
    expect(stderr).toContain('CLI_NOT_BUILT');
  });
});
