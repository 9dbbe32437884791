import type { Command, CommandEntry } from './command.ts';
import { commonOptions } from './values.ts';

/** Meaning of the exit codes, for every command unless it says otherwise. */
export const exitCodes: readonly (readonly [0 | 1 | 2, string])[] = [
  [0, 'all as expected'],
  [1, 'findings'],
  [2, 'incomplete, nothing to judge, or misuse'],
];

const width = 100;

function fill(text: string, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

function rows(entries: readonly (readonly [string, string])[]): string[] {
  const room = Math.max(0, ...entries.map(([name]) => name.length)) + 4;
  return entries.map(([name, says]) => `  ${name.padEnd(room - 2)}${fill(says, room)}`);
}

/** `faultpath --help`. */
export function renderHelp(entries: readonly CommandEntry[]): string {
  return `${[
    'faultpath: can this allocation recurse into my filesystem?',
    '',
    'Usage: faultpath <command> [arguments] [options]',
    '',
    'Commands:',
    ...rows(entries.map((entry) => [entry.name, entry.summary])),
    '',
    'Every command takes --json and --help; `faultpath help <command>` shows examples.',
    'faultpath --version prints the version.',
    '',
    `Exit codes: ${exitCodes.map(([code, says]) => `${code} ${says}`).join('; ')}.`,
  ].join('\n')}\n`;
}

/** `faultpath <command> --help`. */
export function renderCommandHelp(name: string, command: Command): string {
  const words = command.arguments.map((spec) => {
    const word = spec.many === true ? `${spec.name}...` : spec.name;
    return spec.optional === true ? `[${word}]` : word;
  });
  const options = [...command.options, ...commonOptions].map((spec): readonly [string, string] => [
    spec.value === undefined ? `--${spec.name}` : `--${spec.name} ${spec.value}${spec.many === true ? ',...' : ''}`,
    spec.choices === undefined ? spec.says : `${spec.says} (${spec.choices.join(', ')})`,
  ]);
  return `${[
    `faultpath ${name}: ${command.summary}`,
    '',
    `Usage: ${['faultpath', name, ...words, '[options]'].join(' ')}`,
    '',
    fill(command.describe, 0),
    ...(command.arguments.length === 0
      ? []
      : [
          '',
          'Arguments:',
          ...rows(command.arguments.map((spec): readonly [string, string] => [spec.name, spec.says])),
        ]),
    '',
    'Options:',
    ...rows(options),
    '',
    'Examples:',
    ...command.examples.flatMap((example) => [`  ${example.line}`, `      ${fill(example.says, 6)}`]),
    '',
    'Exit codes:',
    ...rows(exitCodes.map(([code, says]): readonly [string, string] => [String(code), command.exits?.[code] ?? says])),
  ].join('\n')}\n`;
}

/** `faultpath trace`: the commands of a group. */
export function renderGroupHelp(group: string, entries: readonly CommandEntry[]): string {
  return `${[
    `Usage: faultpath ${group} <command> [arguments] [options]`,
    '',
    'Commands:',
    ...rows(entries.map((entry) => [entry.name, entry.summary])),
  ].join('\n')}\n`;
}
