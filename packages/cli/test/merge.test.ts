import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CaseResult, makeDocument, toJson } from '@faultpath/report';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errorCode, run } from './io.ts';

function cell(changes: Partial<CaseResult>): CaseResult {
  return {
    fs: 'ext4',
    era: 'v6.1',
    policy: 'as-released',
    case: 'dax/001',
    title: 'write fault over a hole',
    level: 'MUST',
    counterfactual: false,
    verdict: 'pass',
    states: 10,
    transitions: 20,
    exhausted: true,
    bounds: { tasks: 2 },
    findings: [],
    notes: [],
    ...changes,
  };
}

const cells = [cell({}), cell({ case: 'dax/002' }), cell({ case: 'dax/003', verdict: 'xfail', reason: 'known' })];

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultpath-cli-'));
  for (const [i, one] of cells.entries()) await writeFile(join(folder, `${i + 1}.json`), toJson(makeDocument([one])));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('merge', () => {
  test('gives what the whole run would have given', async () => {
    const merged = await run(['merge', '3.json', '1.json', '2.json', '--json'], { cwd: folder });
    expect(merged).toEqual({ code: 0, stdout: toJson(makeDocument(cells)), stderr: '' });
  });

  test('reads standard input', async () => {
    const merged = await run(['merge', '-', '2.json', '--json'], {
      cwd: folder,
      stdin: toJson(makeDocument([cells[0] ?? cell({})])),
    });
    expect(merged.stdout).toBe(toJson(makeDocument(cells.slice(0, 2))));
  });

  test('prints the table, without colours unless it is a terminal', async () => {
    const piped = await run(['merge', '1.json'], { cwd: folder });
    expect(piped.stdout).toContain('pass 10');
    expect(piped.stdout).not.toContain('\u001b');
    const env = { TERM: 'xterm', LANG: 'C.UTF-8' };
    expect((await run(['merge', '1.json'], { cwd: folder, tty: true, env })).stdout).toContain('\u001b[32mpass 10');
    expect((await run(['merge', '1.json', '--no-color'], { cwd: folder, tty: true, env })).stdout).not.toContain(
      '\u001b',
    );
  });

  test('writes every report that is asked for', async () => {
    const argv = ['out', 'junit', 'sarif', 'tap', 'html', 'badge'].flatMap((name) => [`--${name}`, `r.${name}`]);
    expect((await run(['merge', '1.json', '3.json', '--github', ...argv], { cwd: folder })).stdout).toContain(
      '::notice ',
    );
    const begins = {
      out: '{',
      junit: '<?xml',
      sarif: '{',
      tap: 'TAP version 14',
      html: '<!DOCTYPE html>',
      badge: '<svg',
    };
    for (const [name, begin] of Object.entries(begins)) {
      expect((await readFile(join(folder, `r.${name}`), 'utf8')).startsWith(begin)).toBe(true);
    }
  });

  test('with --json and --github keeps standard output one document', async () => {
    const outcome = await run(['merge', '3.json', '1.json', '--json', '--github'], { cwd: folder });
    expect(JSON.parse(outcome.stdout)).toHaveProperty('summary.xfail', 1);
    expect(outcome.stderr).toContain('::notice ');
  });

  test('ends in 1 for a failure and in 2 where nothing was executed', async () => {
    await writeFile(join(folder, 'bad.json'), toJson(makeDocument([cell({ case: 'x', verdict: 'fail' })])));
    await writeFile(join(folder, 'none.json'), toJson(makeDocument([])));
    expect((await run(['merge', '1.json', 'bad.json'], { cwd: folder })).code).toBe(1);
    expect((await run(['merge', 'none.json'], { cwd: folder })).code).toBe(2);
  });

  test('refuses what is no document, and documents that contradict each other', async () => {
    await writeFile(join(folder, 'cut.json'), '{"schema"');
    await writeFile(join(folder, 'other.json'), '{}');
    await writeFile(join(folder, 'contra.json'), toJson(makeDocument([cell({ states: 11 })])));
    const codes = [];
    for (const argv of [
      ['cut.json'],
      ['other.json'],
      ['1.json', 'contra.json'],
      ['1.json', '--out', 'no/such/folder'],
    ]) {
      const outcome = await run(['merge', ...argv], { cwd: folder });
      expect(outcome.code).toBe(2);
      codes.push(errorCode(outcome));
    }
    expect(codes).toEqual(['REPORT_NOT_JSON', 'REPORT_BAD_DOCUMENT', 'REPORT_CONFLICT', 'REPORT_CANNOT_WRITE']);
  });
});
