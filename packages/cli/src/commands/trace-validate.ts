import { resolve } from 'node:path';
import type { ValidationReport } from '@faultpath/trace';
import type { Command, ExitCode } from '../command.ts';
import { inputName } from '../input.ts';
import { withProgress } from '../progress.ts';
import { requireKnown } from '../values.ts';

/** A recording that could not be read. */
interface Unreadable {
  readonly file: string;
  readonly error: { readonly code: string; readonly message: string };
}

/** Accepting nothing is no success, and a recording that was not read whole may hide what would be refused. */
function exitCode(recordings: readonly (ValidationReport | Unreadable)[]): ExitCode {
  const reports = recordings.filter((each): each is ValidationReport => 'faults' in each);
  const verdicts = reports.flatMap(({ faults }) => faults.map(({ verdict }) => verdict));
  if (verdicts.includes('refused')) return 1;
  const whole = reports.every(({ recording, unlooked }) => !recording.truncated && unlooked === 0);
  return whole && reports.length === recordings.length && verdicts.includes('accepted') ? 0 : 2;
}

export const traceValidate: Command = {
  summary: 'hold recorded faults against the models',
  describe:
    'Reads recordings and decides for each fault whether its locks, scopes, transactions and allocations, in their order and with their masks, are a path of the model. The first step that is not is shown with both sides: what the kernel did, and what the model offers. What the comparison leaves out is listed by class, with counts and the reason. A fault without a model is notrun, by name.',
  arguments: [{ name: 'FILE', many: true, says: 'recordings, - for standard input' }],
  options: [
    { name: 'fs', value: 'NAME', many: true, says: 'only faults of these filesystems' },
    {
      name: 'era',
      value: 'ERA',
      says: 'compare with this era; when absent with that of the recorded kernel, or the nearest',
    },
    { name: 'kernel', value: 'RELEASE', says: 'the recorded kernel, where the recording does not tell' },
    { name: 'faults', value: 'COUNT', says: 'compare no more faults of a recording than this' },
    { name: 'allow-truncated', says: 'read a recording that was cut off; the answer is incomplete' },
  ],
  examples: [
    { line: 'faultpath trace validate fault.txt.gz', says: 'is the recorded fault one that the model knows?' },
    {
      line: 'faultpath trace validate recordings/*.txt.gz --fs xfs --json',
      says: 'one document about many recordings',
    },
    { line: 'faultpath trace validate trace.dat --era v6.1', says: 'against an era of one’s choice' },
  ],
  exits: {
    0: 'every fault that was compared is accepted',
    1: 'a fault is refused',
    2: 'a recording is unreadable or cut off, or no fault could be compared',
  },
  async run(values, io) {
    const [trace, report, integration, mm] = await Promise.all([
      import('@faultpath/trace'),
      import('@faultpath/report'),
      import('@faultpath/integration'),
      import('@faultpath/mm'),
    ]);
    const wanted = values.list('fs');
    const known = integration.traceVocabularies.flatMap(({ fs }) => fs ?? []);
    for (const name of wanted ?? []) requireKnown('--fs', name, known);
    const eraText = values.text('era');
    if (eraText !== undefined) requireKnown('--era', eraText, mm.eraNames);
    const era = mm.eraNames.find((name) => name === eraText);
    const provide = integration.faultAutomata(era);
    const kernel = values.text('kernel');
    const faults = values.whole('faults', 1);

    const recordings: (ValidationReport | Unreadable)[] = [];
    for (const path of values.words) {
      const file = inputName(path);
      try {
        const document = await withProgress(
          io,
          () => `validating ${file}`,
          () =>
            trace.validateTrace(path === '-' ? io.stdin : resolve(io.cwd, path), {
              vocabularies: integration.traceVocabularies,
              validations: integration.traceValidations,
              provide,
              file,
              allowTruncated: values.flag('allow-truncated'),
              ...(wanted === undefined ? {} : { filesystems: wanted }),
              ...(kernel === undefined ? {} : { kernel }),
              ...(faults === undefined ? {} : { maxFaults: faults }),
            }),
        );
        recordings.push(document);
      } catch (error) {
        // One recording alone fails as every command does; of several, the others still have their answer.
        const readable = error instanceof trace.TraceError || error instanceof trace.TraceDatError;
        if (!readable || values.words.length === 1) throw error;
        recordings.push({ file, error: { code: error.code, message: error.message } });
      }
    }

    const text = values.flag('json')
      ? report.safeJson({ schema: 'faultpath/validation/1', recordings })
      : recordings
          .map((each) =>
            'faults' in each
              ? report.plainLines(trace.renderValidation(each))
              : report.plainText(`${each.file}: ${each.error.code}: ${each.error.message}`),
          )
          .join('\n\n');
    await io.stdout.write(`${text}\n`);
    return exitCode(recordings);
  },
};
