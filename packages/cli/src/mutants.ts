import type { ConformanceCase, MutantReport, MutantResult, MutantSummary, Selection } from '@faultpath/conformance';
import type { Filesystem } from '@faultpath/mm';
import type { ExitCode } from './command.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import { patienceOf } from './locate-cell.ts';
import { withProgress } from './progress.ts';
import type { Values } from './values.ts';

/** Below this share of killed mutants an adapter's declarations say too little. */
const LEAST_SHARE = 0.9;

/** What the whole run is given, besides its adapters. */
export interface MutantsCommand {
  readonly adapters: readonly Filesystem[];
  readonly cases: readonly ConformanceCase[];
  /** Modules that export the adapters, where threads can load them again. */
  readonly modules: readonly string[] | undefined;
  readonly selection: Selection;
}

/** Makes mutants of the selected adapters, and prints which of them no rule sees. */
export async function runMutantsCommand(
  { adapters, cases, modules, selection }: MutantsCommand,
  values: Values,
  io: Io,
): Promise<ExitCode> {
  const unfit =
    ['rule', 'expectations'].find((name) => values.list(name) !== undefined) ??
    ['twins', 'no-expectations', 'no-reductions'].find((name) => values.flag(name));
  if (unfit !== undefined) throw new CliError('CLI_BAD_VALUE', `--${unfit} says nothing of mutants`, 'leave it out');
  const { canRunParallel, runMutants, runMutantsParallel } = await import('@faultpath/conformance');
  const { plainText, plural, safeJson } = await import('@faultpath/report');
  const limit = values.whole('limit', 1);
  const seed = values.whole('seed');
  const maxStates = values.whole('max-states', 1);
  const jobs = values.whole('jobs', 1);
  const patience = patienceOf(values);
  const report: MutantReport = await withProgress(
    io,
    () => 'looking for what can be changed',
    async (progress) => {
      const options = {
        ...selection,
        ...(limit === undefined ? {} : { limit }),
        ...(seed === undefined ? {} : { seed }),
        ...(maxStates === undefined ? {} : { maxStates }),
        ...(patience === undefined ? {} : { patience }),
        onMutant: ({ fs, mutant }: MutantResult, done: number, total: number) =>
          progress.say(() => plainText(`${done} of ${total} mutants, ${fs} ${mutant}`)),
      };
      if (modules === undefined || !canRunParallel) return runMutants({ ...options, adapters, cases });
      return runMutantsParallel({ ...options, modules, ...(jobs === undefined ? {} : { jobs }) });
    },
  );
  if (values.flag('json')) {
    await io.stdout.write(`${safeJson({ schema: 'faultpath/mutants/1', ...report })}\n`);
  } else {
    const lines = report.summary.flatMap((each) => [
      summaryLine(each, plural),
      ...report.mutants.filter(({ fs, verdict }) => fs === each.fs && verdict === 'survived').map(survivorLine),
    ]);
    await io.stdout.write(`${lines.map(plainText).join('\n')}\n`);
  }
  if (report.mutants.length === 0) return 2;
  return report.summary.every(({ killedShare }) => killedShare >= LEAST_SHARE) ? 0 : 1;
}

function summaryLine(
  { fs, eras, sites, killed, equivalent, survived, killedShare }: MutantSummary,
  plural: (count: number, what: string) => string,
): string {
  const run = killed + equivalent + survived;
  const sampled = run < sites ? ` of ${sites}` : '';
  const share = (killedShare * 100).toFixed(1);
  return `${fs} (${eras.join(', ')}): ${plural(run, 'mutant')}${sampled}: ${killed} killed, ${equivalent} equivalent, ${survived} survived; ${share} % of those that differ are killed`;
}

function survivorLine({ mutant, title, needs, differs }: MutantResult): string {
  return `  survived  ${mutant}: ${title}; differs in ${differs} cells; needed: ${needs ?? 'nothing'}`;
}
