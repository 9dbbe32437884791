import { resolve } from 'node:path';
import type { ConformanceDocument, Witness } from '@faultpath/report';
import type { ExitCode, OptionSpec } from './command.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import type { Values } from './values.ts';
import { version } from './version.ts';

type Report = typeof import('@faultpath/report');
type Make = (report: Report, document: ConformanceDocument, witnesses: readonly Witness[]) => string;

const files: readonly { readonly name: string; readonly says: string; readonly make: Make }[] = [
  { name: 'out', says: 'write the JSON document to a file', make: (report, document) => report.toJson(document) },
  { name: 'junit', says: 'write JUnit XML', make: (report, document) => report.toJUnit(document) },
  { name: 'sarif', says: 'write SARIF 2.1.0', make: (report, document) => report.toSarif(document, { version }) },
  { name: 'tap', says: 'write TAP 14', make: (report, document) => report.toTap(document) },
  {
    name: 'html',
    says: 'write one self-contained HTML page',
    make: (report, document, witnesses) => report.toHtml(document, { witnesses }),
  },
  { name: 'badge', says: 'write a badge, SVG', make: (report, document) => report.toBadge(document) },
];

/** Options of every command that ends in a conformance document. */
export const reportOptions: readonly OptionSpec[] = [
  ...files.map(({ name, says }) => ({ name, value: 'FILE', says })),
  { name: 'github', says: 'also print annotations for a GitHub workflow' },
];

/**
 * Refuses, before the work begins, to write two formats into one file.
 *
 * @throws CliError CLI_BAD_VALUE
 */
export function checkReportOptions(values: Values, io: Io): void {
  const seen = new Map<string, string>();
  for (const { name } of files) {
    const path = values.text(name);
    if (path === undefined) continue;
    const other = seen.get(resolve(io.cwd, path));
    if (other !== undefined)
      throw new CliError('CLI_BAD_VALUE', `--${other} and --${name} name the same file`, 'give each its own');
    seen.set(resolve(io.cwd, path), name);
  }
}

/** Prints a document, writes the files that were asked for, and says how the run ended. */
export async function giveReports(
  document: ConformanceDocument,
  witnesses: readonly Witness[],
  values: Values,
  io: Io,
): Promise<ExitCode> {
  const report = await import('@faultpath/report');
  for (const { name, make } of files) {
    const path = values.text(name);
    if (path !== undefined) await report.writeWhole(resolve(io.cwd, path), make(report, document, witnesses));
  }
  const json = values.flag('json');
  const style = report.terminalStyle(io.stdout, io.env);
  await io.stdout.write(json ? report.toJson(document) : report.renderConformance(document, style, witnesses));
  // With --json standard output is one document, so annotations go the other way; GitHub reads both.
  if (values.flag('github')) await (json ? io.stderr : io.stdout).write(report.toGitHub(document));
  return report.exitCodeOf(document);
}
