import type { SplatAnswer } from '@faultpath/lockdep';
import type { Command, ExitCode } from '../command.ts';
import { openInput } from '../input.ts';
import { linesOf } from '../lines.ts';
import { withProgress } from '../progress.ts';

/** A cycle that nobody could follow to its end is an open question, and so is a run in which lockdep was silent. */
function exitCode(answers: readonly SplatAnswer[]): ExitCode {
  if (answers.some(({ feasibility }) => feasibility.verdict === 'witnessed')) return 1;
  return answers.length > 0 && answers.every(({ feasibility }) => feasibility.verdict === 'infeasible') ? 0 : 2;
}

export const splat: Command = {
  summary: 'read the reports of lockdep in a log, and answer them',
  describe:
    'Reads the reports that the kernel printed, of all eras and with console noise between their lines: the chain of dependencies, the locks held, the backtraces; then asks the models which of their functions make each dependency, and says of each cycle whether it can happen. The models are those of the filesystems whose functions a report shows; a few small cases of each are explored.',
  arguments: [{ name: 'FILE', says: 'a log, - for standard input' }],
  options: [
    { name: 'fs', value: 'NAME', says: 'ask the model of this filesystem only' },
    { name: 'era', value: 'RELEASE', says: 'the modelled release, such as v6.1; by the report if not given' },
  ],
  examples: [
    { line: 'dmesg | faultpath splat -', says: 'every report of this boot' },
    { line: 'faultpath splat console.log --fs xfs --era v6.1', says: 'one filesystem, one release' },
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
    const [fs, era] = [values.text('fs'), values.text('era')];
    const models = await withProgress(
      io,
      () => 'exploring',
      async (progress) => {
        const { splatModels } = await import('@faultpath/integration');
        const onProgress = (line: string): void => progress.say(() => line);
        return splatModels(reading, { ...(fs !== undefined && { fs }), ...(era !== undefined && { era }), onProgress });
      },
    );
    const answers = reading.reports.map((report) => answerSplat(report, { models }));
    const silence = reading.silent ? answerSilence(reading, { models }) : undefined;
    const text = values.flag('json')
      ? safeJson({
          schema: 'faultpath/splat/1',
          models: models.map(({ name }) => name),
          answers,
          ...(silence === undefined ? {} : { silence }),
        })
      : plainLines(
          [...answers.map(renderSplatAnswer), ...(silence === undefined ? [] : [renderSilence(silence)])]
            .join('\n')
            .trimEnd(),
        );
    await io.stdout.write(`${text}\n`);
    return exitCode(answers);
  },
};
