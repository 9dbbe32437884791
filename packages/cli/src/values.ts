import type { ArgumentSpec, Command, OptionSpec } from './command.ts';
import { CliError } from './errors.ts';
import { knownOnes, suggest } from './suggest.ts';

/** Options that every command has. */
export const commonOptions: readonly OptionSpec[] = [
  { name: 'json', says: 'print one JSON document' },
  { name: 'no-color', says: 'no colours, even on a terminal (as NO_COLOR=1)' },
  { name: 'help', says: 'print this help' },
];

/** A command's parsed words. Asking for an option that the command does not declare is a defect, and throws. */
export class Values {
  constructor(
    private readonly specs: readonly OptionSpec[],
    private readonly given: ReadonlyMap<string, readonly string[]>,
    /** Words that are no options, in order. */
    readonly words: readonly string[],
  ) {}

  private of(name: string): readonly string[] | undefined {
    if (!this.specs.some((spec) => spec.name === name)) throw new Error(`the option --${name} is not declared`);
    return this.given.get(name);
  }

  flag(name: string): boolean {
    return this.of(name) !== undefined;
  }

  text(name: string): string | undefined {
    return this.of(name)?.[0];
  }

  /** A comma list; undefined when the option was not given, never empty. */
  list(name: string): readonly string[] | undefined {
    return this.of(name);
  }

  /** A whole number; undefined when the option was not given. */
  whole(name: string, least = 0): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(number) && number >= least) return number;
    throw new CliError(
      'CLI_BAD_VALUE',
      `--${name} ${JSON.stringify(text)} is no whole number`,
      `give one from ${least} up`,
    );
  }

  /** The word at a place that its spec requires. */
  word(index: number): string {
    const word = this.words[index];
    if (word === undefined) throw new Error(`argument ${index} is not required by the command`);
    return word;
  }
}

/**
 * Refuses a value that is not known, naming the known ones.
 *
 * @throws CliError CLI_BAD_VALUE
 */
export function requireKnown(what: string, given: string, known: readonly string[]): void {
  if (!known.includes(given)) {
    throw new CliError('CLI_BAD_VALUE', `${what} ${JSON.stringify(given)} is unknown`, knownOnes(given, known));
  }
}

function valuesOf(spec: OptionSpec, text: string): string[] {
  const values = spec.many === true ? text.split(',').map((part) => part.trim()) : [text];
  for (const value of values) {
    if (value === '') throw new CliError('CLI_BAD_VALUE', `--${spec.name} has an empty value`, `give ${spec.value}`);
    if (spec.choices !== undefined) requireKnown(`--${spec.name}`, value, spec.choices);
  }
  return values;
}

function findOption(specs: readonly OptionSpec[], name: string): OptionSpec {
  const spec = specs.find((other) => other.name === name);
  if (spec !== undefined) return spec;
  const names = specs.map((other) => other.name);
  const meant = suggest(name, names);
  throw new CliError(
    'CLI_UNKNOWN_OPTION',
    `unknown option --${name}`,
    meant === undefined ? `known: ${names.map((other) => `--${other}`).join(', ')}` : `did you mean --${meant}?`,
  );
}

/** True where the words ask for help, whatever else is wrong with them. */
export function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.some((word, i) => (word === '--help' || word === '-h') && (end === -1 || i < end));
}

/**
 * Parses the words after a command's name. A lone `-` is an argument (standard input), `--` ends the options.
 *
 * @throws CliError CLI_UNKNOWN_OPTION, CLI_BAD_VALUE, CLI_MISSING_VALUE, CLI_MISSING_ARGUMENT, CLI_EXTRA_ARGUMENT
 */
export function parseWords(argv: readonly string[], command: Pick<Command, 'options' | 'arguments'>): Values {
  const specs = [...command.options, ...commonOptions];
  const given = new Map<string, readonly string[]>();
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (word === '--') {
      words.push(...argv.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    if (!word.startsWith('--')) {
      throw new CliError(
        'CLI_UNKNOWN_OPTION',
        `unknown option ${word}`,
        'options begin with two dashes; put -- before an argument that begins with one',
      );
    }
    const equals = word.indexOf('=');
    const spec = findOption(specs, equals === -1 ? word.slice(2) : word.slice(2, equals));
    if (spec.value === undefined) {
      if (equals !== -1)
        throw new CliError('CLI_BAD_VALUE', `--${spec.name} takes no value`, `write --${spec.name} alone`);
      given.set(spec.name, []);
      continue;
    }
    const text = equals === -1 ? argv[++i] : word.slice(equals + 1);
    // The next option swallowed as a value would be a mistake that nobody sees.
    if (text === undefined || (equals === -1 && text.startsWith('--'))) {
      throw new CliError('CLI_MISSING_VALUE', `--${spec.name} needs a value`, `write --${spec.name} ${spec.value}`);
    }
    const known = given.get(spec.name);
    if (known !== undefined && spec.many !== true) {
      throw new CliError('CLI_BAD_VALUE', `--${spec.name} is given twice`, 'give it once');
    }
    given.set(spec.name, [...(known ?? []), ...valuesOf(spec, text)]);
  }
  checkWords(words, command.arguments);
  return new Values(specs, given, words);
}

function checkWords(words: readonly string[], specs: readonly ArgumentSpec[]): void {
  const least = specs.filter((spec) => spec.optional !== true).length;
  if (words.length < least) {
    const missing = specs[words.length];
    throw new CliError('CLI_MISSING_ARGUMENT', `${missing?.name} is missing`, missing?.says ?? 'see --help');
  }
  if (words.length > specs.length && specs.at(-1)?.many !== true) {
    throw new CliError(
      'CLI_EXTRA_ARGUMENT',
      `unexpected argument ${JSON.stringify(words[specs.length])}`,
      'see --help',
    );
  }
}
