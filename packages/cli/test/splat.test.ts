import { describe, expect, test } from 'vitest';
import { errorCode, run } from './io.ts';

// Made up, in the kernel's form: two mutexes in both orders, with a line of console noise in between.
const report = `
[    1.000000] ======================================================
[    1.000000] WARNING: possible circular locking dependency detected
[    1.000000] 6.1.0 #1 Not tainted
[    1.000000] ------------------------------------------------------
[    1.000000] tester/42 is trying to acquire lock:
[    1.000000] ffff888000000001 (a_lock){+.+.}-{3:3}, at: take_a+0x10/0x20
[    1.000000] usb 1-1: new device
[    1.000000] but task is already holding lock:
[    1.000000] ffff888000000002 (b_lock){+.+.}-{3:3}, at: take_b+0x10/0x20
[    1.000000] which lock already depends on the new lock.
[    1.000000] the existing dependency chain (in reverse order) is:
[    1.000000] -> #1 (b_lock){+.+.}-{3:3}:
[    1.000000]        lock_acquire+0x10/0x20
[    1.000000]        take_b+0x10/0x20
[    1.000000] -> #0 (a_lock){+.+.}-{3:3}:
[    1.000000]        lock_acquire+0x10/0x20
[    1.000000]        take_a+0x10/0x20
[    1.000000] stack backtrace:
[    1.000000] Call Trace:
[    1.000000]  take_a+0x10/0x20
`;

describe('splat', () => {
  test('reads a report and says how far its cycle was followed', async () => {
    const { code, stdout, stderr } = await run(['splat', '-'], { stdin: report });
    expect([code, stderr]).toEqual([2, '']);
    expect(stdout).toContain('a_lock -> b_lock');
    expect(stdout).toContain('undecided');
  });

  test('is one document with --json', async () => {
    const { answers } = JSON.parse((await run(['splat', '-', '--json'], { stdin: [report, report] })).stdout);
    expect(answers).toHaveLength(2);
    expect(answers[0]).toMatchObject({ report: { kind: 'circular', task: { comm: 'tester', pid: 42 } } });
  });

  test('the models of a filesystem are asked', async () => {
    const named = report
      .replaceAll('a_lock', 'fs_reclaim')
      .replaceAll('b_lock', 'sb_pagefaults')
      .replaceAll('take_b', 'ext2_dax_fault');
    const { code, stdout } = await run(['splat', '-'], { stdin: named });
    expect(stdout).toContain('known to ext2 v6.1: pte_alloc_one');
    expect(code).toBe(2);
    const { models } = JSON.parse((await run(['splat', '-', '--fs', 'xfs', '--json'], { stdin: report })).stdout);
    expect(models).toEqual(['xfs v6.1']);
  });

  test('a filesystem or a release that there is not is refused', async () => {
    for (const option of [
      ['--fs', 'nofs'],
      ['--era', 'v9.9'],
    ]) {
      const outcome = await run(['splat', '-', ...option], { stdin: report });
      expect([outcome.code, errorCode(outcome)]).toEqual([2, 'CONFORMANCE_UNKNOWN_VALUE']);
    }
  });

  test('a log without a report is refused, a missing file too', async () => {
    expect(errorCode(await run(['splat', '-'], { stdin: 'all is well\n' }))).toBe('FAULTPATH_NOT_LOCKDEP_TEXT');
    expect(errorCode(await run(['splat', '-']))).toBe('FAULTPATH_NOT_LOCKDEP_TEXT');
    expect(errorCode(await run(['splat', 'there-is-none']))).toBe('CLI_CANNOT_READ');
  });
});
