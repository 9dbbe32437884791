import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errorCode, run } from './io.ts';

// A write fault on a hole of a DAX file, recorded on a stock Debian 6.1.
const recording = fileURLToPath(new URL('./fixtures/ext4-dax-write-hole.txt.gz', import.meta.url));

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultpath-trace-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('trace check', () => {
  test('shows the fault, and the page-table page inside the scope of the handle', async () => {
    const { code, stdout, stderr } = await run(['trace', 'check', recording]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/alloc pte_alloc_one: effective GFP_NOFS\|__GFP_ZERO\|__GFP_ACCOUNT/);
    expect(stdout).toContain('1 fault, 0 findings');
  });

  test('is one document with --json, from a file or from standard input', async () => {
    const file = JSON.parse((await run(['trace', 'check', recording, '--json'])).stdout);
    expect(file.faults).toHaveLength(1);
    expect(file.faults[0]).toMatchObject({ fs: 'ext4', ret: ['MAJOR', 'NOPAGE'] });
    const stdin = JSON.parse(
      (await run(['trace', 'check', '-', '--json'], { stdin: await readFile(recording) })).stdout,
    );
    expect(stdin.faults[0].events).toHaveLength(file.faults[0].events.length);
  });

  test('lists what the recording cannot decide, with the probe that would tell', async () => {
    const { notrun } = JSON.parse((await run(['trace', 'check', recording, '--json'])).stdout);
    expect(notrun.find((entry: { id: string }) => entry.id === 'gfp/mapping-mask')).toHaveProperty('probe');
  });

  test('refuses what it cannot read, by code', async () => {
    const text = gunzipSync(await readFile(recording));
    await writeFile(join(folder, 'empty'), '');
    await writeFile(join(folder, 'garbage'), 'not a trace at all\n'.repeat(50));
    await writeFile(join(folder, 'cut'), text.subarray(0, text.length / 2 - 7));
    const codes = [];
    for (const argv of [
      ['empty'],
      ['garbage'],
      ['cut'],
      ['missing'],
      ['empty', '--fs', 'ext5'],
      ['empty', '--rule', 'x'],
      ['empty', '--faults', '-1'],
    ]) {
      const outcome = await run(['trace', 'check', ...argv], { cwd: folder });
      expect([outcome.code, outcome.stdout]).toEqual([2, '']);
      codes.push(errorCode(outcome));
    }
    expect(codes).toEqual([
      'TRACE_EMPTY',
      'TRACE_NOT_A_TRACE',
      'TRACE_TRUNCATED',
      'TRACE_UNREADABLE_FILE',
      'CLI_BAD_VALUE',
      'CLI_BAD_VALUE',
      'CLI_BAD_VALUE',
    ]);
    expect((await run(['trace', 'check', 'cut', '--allow-truncated'], { cwd: folder })).code).toBe(2);
  });
});

describe('trace convert', () => {
  test('writes events that trace check reads back to the same faults', async () => {
    const { code, stdout } = await run(['trace', 'convert', recording, '--to', 'events']);
    expect(code).toBe(0);
    await writeFile(join(folder, 'events.jsonl'), stdout);
    const back = JSON.parse((await run(['trace', 'check', 'events.jsonl', '--json'], { cwd: folder })).stdout);
    const first = JSON.parse((await run(['trace', 'check', recording, '--json'])).stdout);
    expect(back.faults).toHaveLength(first.faults.length);
    expect(back.faults[0].events).toHaveLength(first.faults[0].events.length);
  });

  test('writes a file whole, or leaves the old one', async () => {
    const out = join(folder, 'out.json');
    expect((await run(['trace', 'convert', recording, '--out', out])).code).toBe(0);
    const made = await readFile(out, 'utf8');
    expect(JSON.parse(made).traceEvents.length).toBeGreaterThan(10);
    await writeFile(join(folder, 'garbage'), 'not a trace at all\n'.repeat(50));
    const bad = await run(['trace', 'convert', join(folder, 'garbage'), '--out', out]);
    expect([bad.code, errorCode(bad)]).toEqual([2, 'TRACE_NOT_A_TRACE']);
    expect(await readFile(out, 'utf8')).toBe(made);
  });

  test('--json needs --out, and then says what was written', async () => {
    expect(errorCode(await run(['trace', 'convert', recording, '--to', 'events']))).toBe('');
    expect((await run(['trace', 'convert', recording, '--json'])).stderr).toContain('CLI_MISSING_ARGUMENT');
    const { stdout } = await run(['trace', 'convert', recording, '--json', '--out', join(folder, 'x')]);
    expect(JSON.parse(stdout)).toMatchObject({ form: 'perfetto', truncated: false });
  });
});

describe('trace script', () => {
  test('is a shell script for the filesystems that were named', async () => {
    const { code, stdout } = await run(['trace', 'script', '--fs', 'ext4']);
    expect([code, stdout.startsWith('#!/bin/sh')]).toEqual([0, true]);
    expect(JSON.parse((await run(['trace', 'script', '--fs', 'ext4', '--json'])).stdout).script).toBe(stdout);
    expect((await run(['trace', 'script', '--for', 'trace-cmd'])).stdout).not.toBe(stdout);
  });

  test('refuses what it does not know', async () => {
    expect(errorCode(await run(['trace', 'script', '--fs', 'ext5']))).toBe('TRACE_BAD_OPTION');
    expect(errorCode(await run(['trace', 'script', '--for', 'perf']))).toBe('CLI_BAD_VALUE');
    expect(errorCode(await run(['trace', 'script', '--kernel', 'x']))).toBe('TRACE_BAD_OPTION');
  });
});

test('a group needs one of its commands, and helps', async () => {
  expect(errorCode(await run(['trace']))).toBe('CLI_MISSING_ARGUMENT');
  expect(errorCode(await run(['trace', 'chek']))).toBe('CLI_UNKNOWN_COMMAND');
  expect((await run(['trace', 'chek'])).stderr).toContain('did you mean check?');
  expect((await run(['trace', '--help'])).stdout).toContain('trace check');
});
