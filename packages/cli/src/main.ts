import type { CommandEntry } from './command.ts';
import { commands } from './commands.ts';
import { BrokenPipe, CliError, tellError } from './errors.ts';
import { renderCommandHelp, renderGroupHelp, renderHelp } from './help.ts';
import type { Io } from './io.ts';
import { knownOnes } from './suggest.ts';
import { asksForHelp, parseWords } from './values.ts';
import { version } from './version.ts';

interface Found {
  readonly entry?: CommandEntry;
  /** Set where only the first half of a two-word name was given. */
  readonly group?: string;
  readonly rest: readonly string[];
}

function findCommand(argv: readonly string[]): Found {
  const [first = '', second = ''] = argv;
  const single = commands.find((entry) => entry.name === first);
  if (single !== undefined) return { entry: single, rest: argv.slice(1) };
  const members = commands.filter((entry) => entry.name.startsWith(`${first} `));
  if (members.length === 0) {
    const known = [...new Set(commands.map((entry) => entry.name.split(' ')[0] ?? ''))];
    throw new CliError('CLI_UNKNOWN_COMMAND', `unknown command ${JSON.stringify(first)}`, knownOnes(first, known));
  }
  if (second === '' || second.startsWith('-')) return { group: first, rest: argv.slice(1) };
  const entry = members.find((member) => member.name === `${first} ${second}`);
  if (entry !== undefined) return { entry, rest: argv.slice(2) };
  const known = members.map((member) => member.name.slice(first.length + 1));
  throw new CliError(
    'CLI_UNKNOWN_COMMAND',
    `unknown command ${JSON.stringify(`${first} ${second}`)}`,
    knownOnes(second, known),
  );
}

/** The same process, except that it looks as if NO_COLOR were set. Its standard input is not opened by this. */
function withoutColour(io: Io): Io {
  return Object.create(io, { env: { value: { ...io.env, NO_COLOR: '1' } } });
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const [first] = argv;
  if (first === undefined) {
    await io.stderr.write(renderHelp(commands));
    return 2;
  }
  if (first === '--version') {
    await io.stdout.write(`${version}\n`);
    return 0;
  }
  if (first === '--help' || first === '-h' || (first === 'help' && argv.length === 1)) {
    await io.stdout.write(renderHelp(commands));
    return 0;
  }
  if (first.startsWith('-'))
    throw new CliError(
      'CLI_UNKNOWN_OPTION',
      `unknown option ${first}`,
      'options come after a command; see faultpath --help',
    );
  const { entry, group, rest } = findCommand(first === 'help' ? [...argv.slice(1), '--help'] : argv);
  if (entry === undefined) {
    const members = commands.filter((other) => other.name.startsWith(`${group} `));
    if (asksForHelp(rest)) {
      await io.stdout.write(renderGroupHelp(group ?? '', members));
      return 0;
    }
    throw new CliError(
      'CLI_MISSING_ARGUMENT',
      `faultpath ${group} needs a command`,
      `one of ${members.map((other) => other.name).join(', ')}`,
    );
  }
  const command = await entry.load();
  if (asksForHelp(rest)) {
    await io.stdout.write(renderCommandHelp(entry.name, command));
    return 0;
  }
  const values = parseWords(rest, command);
  return command.run(values, values.flag('no-color') ? withoutColour(io) : io);
}

async function complain(error: unknown, argv: readonly string[], io: Io): Promise<void> {
  const told = tellError(error, io.env);
  const { plainLines, safeJson } = await import('@faultpath/report');
  const advice = told.advice === undefined ? '' : ` (${told.advice})`;
  await io.stderr.write(`faultpath: ${told.code}: ${plainLines(`${told.message}${advice}`)}\n`);
  // The reader of --json waits for a document, also when there is none of the kind it hoped for.
  if (argv.includes('--json')) await io.stdout.write(`${safeJson({ schema: 'faultpath/error/1', error: told })}\n`);
}

/**
 * Runs one command line. Never throws: whatever happens becomes an exit code, and a line on standard error.
 *
 * @param argv the words after `faultpath`.
 * @returns 0 all as expected, 1 findings, 2 incomplete or misuse.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    if (error instanceof BrokenPipe) return 2;
    try {
      await complain(error, argv, io);
    } catch (again) {
      // There is nowhere left to complain.
      if (!(again instanceof BrokenPipe || again instanceof CliError)) throw again;
    }
    return 2;
  }
}
