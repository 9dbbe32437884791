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
