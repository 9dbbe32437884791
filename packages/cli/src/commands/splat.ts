import type { SplatAnswer } from '@faultpath/lockdep';
import type { Command, ExitCode } from '../command.ts';
import { openInput } from '../input.ts';
import { linesOf } from '../lines.ts';

/** A cycle that nobody could follow to its end is an open question, and so is a run in which lockdep was silent. */
function exitCode(answers: readonly SplatAnswer[]): ExitCode {
  if (answers.some(({ feasibility }) => feasibility.verdict === 'witnessed')) return 1;
  return answers.length > 0 && answers.every(({ feasibility }) => feasibility.verdict === 'infeasible') ? 0 : 2;
}

export const splat: Command = {
  summary: 'read the reports of lockdep in a log, and answer them',
  describe:
    'Reads the reports that the kernel printed, of all eras and with console noise between their lines: the chain of dependencies, the locks held, the backtraces; and says of each cycle whether it can happen, as far as that is known.',
  arguments: [{ name: 'FILE', says: 'a log, - for standard input' }],
  options: [],
  examples: [
    { line: 'dmesg | faultpath splat -', says: 'every report of this boot' },
    { line: 'faultpath splat console.log --json', says: 'chains, locks and backtraces as one document' },
  ],
  exits: {
    0: 'every cycle is infeasible',
    1: 'a cycle was witnessed',
    2: 'a cycle is undecided, lockdep was silent, or there is no report',
  },
  async run(values, io) {
    const [{ answerSilence, answerSplat, readSplats, renderSilence, renderSplatAnswer }, { plainLines, safeJson }] =
      await Promise.all([import('@faultpath/lockdep'), import('@faultpath/report')]);
    const reading = await readSplats(linesOf(openInput(values.word(0), io)));
    const answers = reading.reports.map((report) => answerSplat(report));
    const silence = reading.silent ? answerSilence(reading) : undefined;
    const text = values.flag('json')
      ? safeJson({ schema: 'faultpath/splat/1', answers, ...(silence === undefined ? {} : { silence }) })
      : plainLines(
          [...answers.map(renderSplatAnswer), ...(silence === undefined ? [] : [renderSilence(silence)])]
            .join('\n')
            .trimEnd(),
        );
    await io.stdout.write(`${text}\n`);
    return exitCode(answers);
  },
};
