import { describe, expect, test } from 'vitest';
import { commands } from '../src/commands.ts';
import { errorCode, run } from './io.ts';

describe('help', () => {
  test('lists every command, and so does each on its own', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const { name, load } of commands) {
      expect(stdout).toContain(`  ${name} `);
      const command = await load();
      const own = await run([...name.split(' '), '--help']);
      expect([own.code, own.stderr]).toEqual([0, '']);
      for (const option of command.options) expect(own.stdout).toContain(`--${option.name}`);
      for (const example of command.examples) expect(own.stdout).toContain(example.line);
      expect((await run(['help', ...name.split(' ')])).stdout).toBe(own.stdout);
    }
  });

  test.each(commands.map((entry) => [entry.name, entry] as const))(
    'of %s is complete and agrees with the table',
    async (name, entry) => {
      const command = await entry.load();
      expect(command.summary).toBe(entry.summary);
      expect(command.examples.length).toBeGreaterThan(0);
      for (const example of command.examples) expect(example.line).toContain(`faultpath ${name}`);
      const names = command.options.map((option) => option.name);
      expect(new Set([...names, 'json', 'help', 'no-color']).size).toBe(names.length + 3);
    },
  );

  test('wins over other mistakes on the line, but not behind --', async () => {
    expect((await run(['merge', '--nonsense', '--help'])).code).toBe(0);
    expect(errorCode(await run(['merge', '--', '--help']))).toBe('CLI_CANNOT_READ');
  });

  test('without a command goes to standard error and is misuse', async () => {
    const { code, stdout, stderr } = await run([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage:');
  });

  test('version', async () => {
    expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
  });
});

describe('misuse', () => {
  test.each([
    ['an unknown command', ['merg'], 'CLI_UNKNOWN_COMMAND'],
    ['an option before the command', ['--fs', 'xfs'], 'CLI_UNKNOWN_OPTION'],
    ['an unknown option', ['merge', 'x', '--jnit', 'y'], 'CLI_UNKNOWN_OPTION'],
    ['a short option', ['merge', '-q'], 'CLI_UNKNOWN_OPTION'],
    ['no argument', ['merge'], 'CLI_MISSING_ARGUMENT'],
    ['an option without its value at the end', ['merge', 'x', '--out'], 'CLI_MISSING_VALUE'],
    ['an option without its value before another', ['merge', 'x', '--out', '--github'], 'CLI_MISSING_VALUE'],
    ['an empty value', ['merge', 'x', '--out='], 'CLI_BAD_VALUE'],
    ['a value for a flag', ['merge', 'x', '--github=yes'], 'CLI_BAD_VALUE'],
    ['an option twice', ['merge', 'x', '--out', 'a', '--out', 'b'], 'CLI_BAD_VALUE'],
    ['two reports into one file', ['merge', 'x', '--out', 'a', '--junit', './a'], 'CLI_BAD_VALUE'],
    ['a missing file', ['merge', 'there-is-none.json'], 'CLI_CANNOT_READ'],
    ['a folder', ['merge', '.'], 'CLI_CANNOT_READ'],
  ])('%s is one line with a code, exit 2', async (_what, argv, code) => {
    const outcome = await run(argv);
    expect([outcome.code, errorCode(outcome), outcome.stdout]).toEqual([2, code, '']);
  });

  test('names what was probably meant', async () => {
    expect((await run(['mergr'])).stderr).toContain('did you mean merge?');
    expect((await run(['merge', 'x', '--jnuit', 'y'])).stderr).toContain('did you mean --junit?');
    expect((await run(['zzzzzzzz'])).stderr).not.toContain('did you mean');
  });

  test('is a JSON document too, with --json', async () => {
    const outcome = await run(['merge', 'there-is-none.json', '--json']);
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      schema: 'faultpath/error/1',
      error: { code: 'CLI_CANNOT_READ' },
    });
    expect(errorCode(outcome)).toBe('CLI_CANNOT_READ');
  });

  test('cannot steer the terminal by what was typed', async () => {
    for (const word of ['\u001b[2J', '\u009b2J', '\u202e']) {
      const { stderr } = await run([word]);
      expect(stderr).not.toContain(word);
    }
  });
});
