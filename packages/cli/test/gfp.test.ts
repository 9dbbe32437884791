import { describe, expect, test } from 'vitest';
import { errorCode, run } from './io.ts';

describe('gfp', () => {
  test('names a number by the release', async () => {
    expect((await run(['gfp', '0xcc0', '--kernel', '6.1'])).stdout).toContain('GFP_KERNEL');
    expect((await run(['gfp', '0x24000c0', '--kernel', '4.9'])).stdout).toContain('GFP_KERNEL');
  });

  test('tells by release where releases differ', async () => {
    const { code, stdout } = await run(['gfp', '0xcc0', '--json']);
    const { masks } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(masks).toHaveLength(1);
    expect(masks[0].readings.length).toBeGreaterThan(1);
  });

  test('applies scopes and explains', async () => {
    const argv = ['gfp', 'GFP_KERNEL', '--kernel', '6.1'];
    const open = JSON.parse((await run([...argv, '--scope', 'nofs', '--json'])).stdout);
    const bare = JSON.parse((await run([...argv, '--json'])).stdout);
    expect(open.masks[0].readings[0].explanation.permissions.mayEnterFs).toBe(false);
    expect(bare.masks[0].readings[0].explanation.permissions.mayEnterFs).toBe(true);
    const told = (await run([...argv, '--explain'])).stdout;
    expect(told.split('\n').length).toBeGreaterThan((await run(argv)).stdout.split('\n').length);
  });

  test.each([
    ['an unknown name', ['GFP_KERNLE', '--kernel', '6.1'], 'GFP_NAME_UNKNOWN'],
    ['an unknown release', ['0xcc0', '--kernel', '1.2'], 'GFP_KERNEL_UNKNOWN'],
    [
      'a pair of another release',
      ['0x24280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO)', '--kernel', '6.1'],
      'GFP_TEXT_OTHER_RELEASE',
    ],
    ['an unknown scope', ['0xcc0', '--scope', 'nofz'], 'CLI_BAD_VALUE'],
    ['nothing', [], 'CLI_MISSING_ARGUMENT'],
    ['- among masks', ['0xcc0', '-'], 'CLI_BAD_VALUE'],
  ])('%s is refused with a code', async (_what, argv, code) => {
    const outcome = await run(['gfp', ...argv]);
    expect([outcome.code, errorCode(outcome), outcome.stdout]).toEqual([2, code, '']);
  });
});

describe('gfp as a filter', () => {
  const log =
    'Linux version 6.1.0-56-amd64 (x)\nplain \u00ff line\r\ncat: order:0, mode:0xcc0(GFP_KERNEL), n=0\nagain mode:0xcc0(GFP_KERNEL)\n';

  test('adds notes and changes nothing else, however the log is cut', async () => {
    const whole = await run(['gfp', '-'], { stdin: log });
    expect(whole.stdout).toContain('mode:0xcc0(GFP_KERNEL){gfp: ');
    expect(whole.stdout.replace(/\{gfp: [^}]*\}/g, '')).toBe(log);
    const pieces = [...new TextEncoder().encode(log)].map((byte) => Uint8Array.of(byte));
    expect((await run(['gfp', '-'], { stdin: pieces })).stdout).toBe(whole.stdout);
  });

  test('reads by the descriptor as long as that is possible, and from the stream from there on', async () => {
    const parts = ['a gfp_flags=GFP_', 'NOFS\n', undefined, 'never read'];
    let turn = 0;
    const readNow = (into: Uint8Array): number | undefined => {
      const part = parts[turn++];
      return part === undefined ? undefined : new TextEncoder().encodeInto(part, into).written;
    };
    const { code, stdout } = await run(['gfp', '-', '--kernel', '6.1'], { stdin: ['b ', 'c'], readNow });
    expect([code, stdout]).toEqual([0, 'a gfp_flags=GFP_NOFS{gfp: 0xc40 +reclaim +io -fs}\nb c']);
  });

  test('says what standard input is, where it cannot be read', async () => {
    const readNow = (): number => {
      throw Object.assign(new Error('EISDIR'), { code: 'EISDIR', syscall: 'read' });
    };
    expect(errorCode(await run(['gfp', '-'], { readNow }))).toBe('CLI_CANNOT_READ');
  });

  test('passes an empty log', async () => {
    expect(await run(['gfp', '-'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('with --json counts the different masks', async () => {
    const { stdout } = await run(['gfp', '-', '--json', '--kernel', '6.1'], {
      stdin: [`${log}gfp_mask=0xdead`, 'beef'],
    });
    const { masks, lines } = JSON.parse(stdout);
    expect(lines).toBe(5);
    expect(masks[0]).toMatchObject({ text: '0xcc0(GFP_KERNEL)', firstLine: 3, count: 2 });
    expect(masks[1]).toMatchObject({ text: '0xdeadbeef', readings: [], problem: { code: 'GFP_BIT_IMPOSSIBLE' } });
  });

  test('refuses what only makes sense for single masks', async () => {
    expect(errorCode(await run(['gfp', '-', '--explain'], { stdin: log }))).toBe('CLI_BAD_VALUE');
    expect(errorCode(await run(['gfp', '-', '--kernel', '1.2'], { stdin: log }))).toBe('GFP_KERNEL_UNKNOWN');
  });
});
