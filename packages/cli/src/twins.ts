import type { Selection, TwinResult } from '@faultpath/conformance';
import type { ExitCode } from './command.ts';
import type { Io } from './io.ts';
import type { LoadedSuite } from './load-adapters.ts';
import { patienceOf } from './locate-cell.ts';
import type { Values } from './values.ts';

/** Runs the twins of the selected cells, and prints one line for each: what was changed, and which rule saw it. */
export async function runTwinsCommand(
  { adapters, cases }: LoadedSuite,
  selection: Selection,
  values: Values,
  io: Io,
): Promise<ExitCode> {
  const { cellName, runTwins } = await import('@faultpath/conformance');
  const { padEnd, plainText, plural, safeJson } = await import('@faultpath/report');
  const maxStates = values.whole('max-states', 1);
  const patience = patienceOf(values);
  const twins = runTwins({
    adapters,
    cases,
    ...selection,
    ...(maxStates === undefined ? {} : { maxStates }),
    ...(patience === undefined ? {} : { patience }),
  });
  const count = (verdict: TwinResult['verdict']): number => twins.filter((twin) => twin.verdict === verdict).length;
  const summary = { caught: count('caught'), harmless: count('harmless'), survived: count('survived') };
  if (values.flag('json')) {
    await io.stdout.write(`${safeJson({ schema: 'faultpath/twins/1', twins, summary })}\n`);
  } else {
    const lines = twins.map((twin) => {
      const what = twin.verdict === 'caught' ? `caught by ${twin.caughtBy.join(', ')}` : twin.verdict;
      const wrong = twin.asExpected ? '' : ` (expected: ${twin.expected ?? 'no difference'})`;
      return plainText(`${padEnd(cellName(twin), 36)}  ${padEnd(twin.twin, 24)}  ${what}${wrong}`);
    });
    const told = `${plural(twins.length, 'twin')}: ${summary.caught} caught, ${summary.harmless} harmless, ${summary.survived} survived`;
    await io.stdout.write(`${[...lines, '', told].join('\n')}\n`);
  }
  if (twins.length === 0) return 2;
  return twins.every((twin) => twin.asExpected) ? 0 : 1;
}
