import type { CaseSetting, ConformanceCase } from '@faultpath/conformance';
import type { ArgumentSpec, OptionSpec } from './command.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import { adapterOption, loadSuite } from './load-adapters.ts';
import { knownOnes } from './suggest.ts';
import type { Values } from './values.ts';

/** Arguments and options that together name one cell of the table. */
export const cellArguments: readonly ArgumentSpec[] = [
  { name: 'FS', says: 'filesystem, such as ext4' },
  { name: 'CASE', says: 'case, such as dax/004' },
];

export const boundsOption: OptionSpec = {
  name: 'bounds',
  value: 'NAME=COUNT',
  many: true,
  says: 'at least so many faults on one page, files, and truncates in each case: faults=3,files=3,truncates=2',
};

export const patienceOption: OptionSpec = {
  name: 'patience',
  value: 'SECONDS',
  says: 'end a handler that gives no sign of life for so long; 30 if not given',
};

export const cellOptions: readonly OptionSpec[] = [
  { name: 'era', value: 'RELEASE', says: 'release, such as v6.1' },
  { name: 'policy', value: 'NAME', says: 'mask policy; as-released if not given' },
  boundsOption,
  adapterOption,
  patienceOption,
];

/** {@link patienceOption} in milliseconds; undefined where it was not given. */
export function patienceOf(values: Values): number | undefined {
  const seconds = values.whole('patience', 1);
  return seconds === undefined ? undefined : seconds * 1000;
}

function pick<T>(what: string, given: string, all: readonly T[], nameOf: (one: T) => string): T {
  const found = all.find((one) => nameOf(one) === given);
  if (found !== undefined) return found;
  throw new CliError('CLI_BAD_VALUE', `${what} ${JSON.stringify(given)} is unknown`, knownOnes(given, all.map(nameOf)));
}

/**
 * The cell that a command line names.
 *
 * @throws CliError CLI_BAD_VALUE, CLI_MISSING_ARGUMENT, CLI_BAD_ADAPTER; ConformanceError CONFORMANCE_BAD_BOUNDS
 */
export async function locateCell(
  values: Values,
  io: Io,
): Promise<{ readonly subject: ConformanceCase; readonly setting: CaseSetting }> {
  const era = values.text('era');
  if (era === undefined) throw new CliError('CLI_MISSING_ARGUMENT', '--era is missing', 'give a release, such as v6.1');
  const [{ adapters, cases }, mm] = await Promise.all([loadSuite(values, io), import('@faultpath/mm')]);
  const { eraNames, policyNames } = mm;
  const setting: CaseSetting = {
    fs: pick('FS', values.word(0), adapters, ({ name }) => name),
    era: pick('--era', era, eraNames, (name) => name),
    policy: pick('--policy', values.text('policy') ?? 'as-released', policyNames, (name) => name),
  };
  const { parseBounds, widenCase } = await import('@faultpath/conformance');
  const subject = pick('CASE', values.word(1), cases, ({ id }) => id);
  return { setting, subject: widenCase(subject, parseBounds(values.list('bounds') ?? [])) };
}
