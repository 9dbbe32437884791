import { resolve } from 'node:path';
import type { ReadSummary } from '@faultpath/trace';
import type { Command, ExitCode } from '../command.ts';
import { CliError } from '../errors.ts';
import { inputName } from '../input.ts';
import { withProgress } from '../progress.ts';
import { openSink } from '../sink.ts';

const forms = ['perfetto', 'events'] as const;

function documentOf(path: string, form: string, { format, counts, truncated }: ReadSummary): unknown {
  const { records, events, unreadable } = counts;
  return { schema: 'faultpath/trace-convert/1', out: path, form, from: format, records, events, unreadable, truncated };
}

export const traceConvert: Command = {
  summary: 'write a recording as a Perfetto file, or as our own events',
  describe:
    'Writes a recording for the Perfetto viewer: a track per task, lock holds beside it, an arrow from who wakes to who is woken; or as our events, one JSON line each, which every trace command reads back.',
  arguments: [{ name: 'FILE', says: 'a recording, - for standard input' }],
  options: [
    { name: 'to', value: 'FORM', choices: forms, says: 'perfetto if not given' },
    { name: 'out', value: 'FILE', says: 'write there instead of standard output, whole or not at all' },
    { name: 'kernel', value: 'RELEASE', says: 'the recorded kernel, where the recording does not tell' },
    { name: 'allow-truncated', says: 'convert a recording that was cut off' },
  ],
  examples: [
    { line: 'faultpath trace convert fault.txt.gz --out fault.json', says: 'open fault.json in the Perfetto viewer' },
    {
      line: 'faultpath trace convert trace.dat --to events > events.jsonl',
      says: 'smaller, and read back by trace check',
    },
  ],
  exits: { 0: 'all of it is written', 1: 'not used', 2: 'the recording is cut off or unreadable' },
  async run(values, io) {
    const path = values.word(0);
    const out = values.text('out');
    if (values.flag('json') && out === undefined) {
      throw new CliError(
        'CLI_MISSING_ARGUMENT',
        '--json needs --out: standard output would hold two things',
        'add --out FILE',
      );
    }
    const [{ writeEvents, writePerfetto }, { traceVocabularies }, { plural, plainText, safeJson }] = await Promise.all([
      import('@faultpath/trace'),
      import('@faultpath/integration/recordings'),
      import('@faultpath/report'),
    ]);
    const form = values.text('to') ?? 'perfetto';
    const kernel = values.text('kernel');
    const options = {
      vocabularies: traceVocabularies,
      file: inputName(path),
      allowTruncated: values.flag('allow-truncated'),
      ...(kernel === undefined ? {} : { kernel }),
    };
    const sink = await openSink(out, io);
    try {
      const write = form === 'events' ? writeEvents : writePerfetto;
      const summary = await withProgress(
        io,
        () => `reading ${inputName(path)}`,
        () => write(path === '-' ? io.stdin : resolve(io.cwd, path), options, (text) => sink.write(text)),
      );
      await sink.keep();
      const code: ExitCode = summary.truncated ? 2 : 0;
      if (out === undefined) return code;
      const said = `${plural(summary.counts.records, 'record')} of ${inputName(path)} written to ${out}`;
      await io.stdout.write(`${values.flag('json') ? safeJson(documentOf(out, form, summary)) : plainText(said)}\n`);
      return code;
    } finally {
      sink.drop();
    }
  },
};
