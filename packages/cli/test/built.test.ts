import { existsSync } from 'node:fs';
import { cp, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CaseResult, type ConformanceDocument, makeDocument, toJson } from '@faultpath/report';
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

  test('says the same of a large case when threads share its search', async () => {
    const documents: string[] = [];
    for (const jobs of [1, 3]) {
      const out = join(built.folder, `jobs-${jobs}.json`);
      const cell = '--fs xfs --case dax/007 --era v6.1 --policy as-released';
      const line = `faultpath conformance ${cell} --jobs ${jobs} --out "${out}"`;
      expect(await shell(line, built.bin)).toMatchObject({ code: 0, stderr: '' });
      documents.push((await readFile(out, 'utf8')).replaceAll(/"seconds": [0-9.]+/g, '"seconds": 0'));
    }
    expect(documents[1]).toBe(documents[0]);
    const { results } = JSON.parse(documents[1] ?? '') as ConformanceDocument;
    // Enough for threads to be started.
    expect(results[0]?.states).toBeGreaterThan(30_000);
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

  describe('as a filter', () => {
    const lines = 'x gfp_flags=GFP_NOFS\nplain line, nothing in it\n'.repeat(20_000);
    const annotated = lines.replaceAll('GFP_NOFS', 'GFP_NOFS{gfp: 0xc40 +reclaim +io -fs}');

    test('passes a log on, from a file, a pipe or a socket, to a file or a slow reader', async () => {
      const log = join(built.folder, 'log');
      const to = join(built.folder, 'annotated');
      await writeFile(log, lines);
      const filter = 'faultpath gfp - --kernel 6.1';
      const socket = `node -e '
        const child = require("child_process").spawn(process.argv[1], process.argv.slice(2), { stdio: ["pipe", "inherit", "inherit"] });
        require("fs").createReadStream("${log}").pipe(child.stdin);
      ' "${process.execPath}" "${built.bin}" gfp - --kernel 6.1`;
      for (const line of [
        `${filter} < '${log}'`,
        `cat '${log}' | ${filter}`,
        `${filter} < '${log}' | (sleep 0.2; cat)`,
        `${filter} < '${log}' > '${to}'; cat '${to}'`,
        socket.replace('node', `"${process.execPath}"`),
      ]) {
        const { code, stdout, stderr } = await shell(line, built.bin);
        expect([code, stderr]).toEqual([0, '']);
        expect(stdout === annotated, line).toBe(true);
      }
    });

    test('answers a line before the next one comes', async () => {
      // The second line is written only once the first was answered; a filter that waits would wait for ever.
      const line = `
        d='${built.folder}'; mkfifo "$d/in" "$d/out"
        faultpath gfp - --kernel 6.1 < "$d/in" > "$d/out" &
        exec 3> "$d/in" 4< "$d/out"
        echo 'a gfp_flags=GFP_NOFS' >&3; read -r one <&4; echo "$one"
        echo 'b gfp_flags=GFP_NOIO' >&3; read -r two <&4; echo "$two"
        exec 3>&-; wait`;
      expect(await shell(line, built.bin)).toEqual({
        code: 0,
        stdout:
          'a gfp_flags=GFP_NOFS{gfp: 0xc40 +reclaim +io -fs}\nb gfp_flags=GFP_NOIO{gfp: 0xc00 +reclaim -io -fs}\n',
        stderr: '',
      });
    });

    test('waits for a pipe that does not block', async () => {
      // Node makes its standard input such a pipe, and has no time to undo that when it is killed.
      const spoil = `"${process.execPath}" -e 'process.stdin.resume(); process.kill(process.pid, "SIGKILL")'`;
      const line = `(sleep 0.5; echo a gfp_flags=GFP_NOFS) | (${spoil}; faultpath gfp - --kernel 6.1)`;
      const { code, stdout } = await shell(line, built.bin);
      expect([code, stdout]).toEqual([0, 'a gfp_flags=GFP_NOFS{gfp: 0xc40 +reclaim +io -fs}\n']);
    });

    test('says in one line what is wrong with its ends', async () => {
      const folder = await shell(`faultpath gfp - < '${built.folder}'`, built.bin);
      expect([folder.code, folder.stderr.split(': ')[1], folder.stdout]).toEqual([2, 'CLI_CANNOT_READ', '']);
    });

    test.runIf(existsSync('/dev/full'))('says in one line that there is no room', async () => {
      const full = await shell('echo x | faultpath gfp - > /dev/full', built.bin);
      expect([full.code, full.stderr.split(': ')[1]]).toEqual([2, 'CLI_CANNOT_WRITE']);
      expect(full.stderr.split('\n')).toHaveLength(2);
    });

    test('is quiet when its reader goes away', async () => {
      const gone = await shell(`yes 'x gfp_flags=GFP_NOFS' | faultpath gfp - --kernel 6.1 | head -n 1`, built.bin);
      expect([gone.stdout, gone.stderr]).toEqual(['x gfp_flags=GFP_NOFS{gfp: 0xc40 +reclaim +io -fs}\n', '']);
    });
  });

  test('without its dist says what to do', async () => {
    const bare = join(built.folder, 'bare', 'bin', 'faultpath.js');
    await cp(built.bin, bare);
    const { code, stderr } = await shell('faultpath --help', bare);
    expect([code, stderr.split('\n').length]).toEqual([2, 2]);
    expect(stderr).toContain('CLI_NOT_BUILT');
  });
});
