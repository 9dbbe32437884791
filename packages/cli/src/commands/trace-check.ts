import { resolve } from 'node:path';
import type { TerminalStyle } from '@faultpath/report';
import type { TraceReport } from '@faultpath/trace';
import type { Command, ExitCode } from '../command.ts';
import { inputName } from '../input.ts';
import { withProgress } from '../progress.ts';
import { requireKnown } from '../values.ts';

type Report = typeof import('@faultpath/report');
type Trace = typeof import('@faultpath/trace');

/** A recording in which nothing could be judged is no clean one. */
function exitCode({ findings, recording }: TraceReport): ExitCode {
  if (findings.some((finding) => finding.level === 'error')) return 1;
  return recording.events === 0 || recording.truncated ? 2 : 0;
}

function summary({ recording, faults, findings }: TraceReport, { plural }: Report): string {
  const { unreadable, givenUp, lostEvents } = recording;
  const losses = [
    unreadable.count === 0 ? '' : `${plural(unreadable.count, 'piece')} unreadable`,
    givenUp.count === 0 ? '' : `${plural(givenUp.count, 'beginning')} without an end`,
    lostEvents === 0 ? '' : `${plural(lostEvents, 'event')} lost while recording`,
    recording.truncated ? 'cut off' : '',
  ].filter((text) => text !== '');
  const read = `${recording.file}: ${plural(recording.records, 'record')}, kernel ${recording.kernel.release} (${recording.kernel.because})`;
  const found = `${plural(faults.length, 'fault')}, ${plural(findings.length, 'finding')}`;
  return `${[read, ...losses, found].join('; ')}${recording.events === 0 ? '; no event that any rule knows, so nothing is judged' : ''}`;
}

function render(document: TraceReport, { renderFault }: Trace, report: Report, style: TerminalStyle): string {
  const { hang, paint, plainLines, plainText, renderFinding, wrap } = report;
  const notrun = document.notrun.flatMap(({ id, reason, probe }) =>
    hang(
      `notrun ${plainText(id)}: `,
      plainText(`${reason}${probe === undefined ? '' : ` (record ${probe})`}`),
      style.width,
    ),
  );
  const unreadable = document.recording.unreadable.first.map((piece) => plainText(JSON.stringify(piece)));
  const givenUp = document.recording.givenUp.first.map((piece) => plainText(JSON.stringify(piece)));
  return `${[
    ...document.faults.map((fault) => `${plainLines(renderFault(fault))}\n`),
    ...document.findings.map((finding) => renderFinding(finding, style)),
    ...unreadable.map((text) => paint(style, `unreadable ${text}`, 'magenta')),
    ...givenUp.map((text) => paint(style, `without an end ${text}`, 'magenta')),
    ...notrun.map((line) => paint(style, line, 'dim')),
    ...wrap(plainText(summary(document, report)), style.width),
  ].join('\n')}\n`;
}

export const traceCheck: Command = {
  summary: 'read a recording, show its faults and judge them',
  describe:
    'Reads an ftrace text, a trace.dat or our own event file, also compressed with gzip; prints each page fault with its locks, scopes, handles and allocations in order, and applies every rule that the recording can decide. What it cannot decide is listed with the probe that would tell.',
  arguments: [{ name: 'FILE', says: 'a recording, - for standard input' }],
  options: [
    { name: 'fs', value: 'NAME', many: true, says: 'read with the vocabulary of these filesystems only' },
    { name: 'kernel', value: 'RELEASE', says: 'the recorded kernel, where the recording does not tell' },
    { name: 'rule', value: 'ID', many: true, says: 'judge by these rules only' },
    { name: 'faults', value: 'COUNT', says: 'show no more faults than this; all are judged' },
    { name: 'allow-truncated', says: 'read a recording that was cut off; the answer is incomplete' },
  ],
  examples: [
    { line: 'faultpath trace check fault.txt.gz', says: 'every fault, and what is wrong with it' },
    { line: 'trace-cmd report | faultpath trace check - --json', says: 'one document, for a program' },
    {
      line: 'faultpath trace check trace.dat --fs ext4 --rule gfp/fs-recursion',
      says: 'one question about one filesystem',
    },
  ],
  exits: {
    0: 'nothing is wrong',
    1: 'a rule has found something',
    2: 'nothing could be judged, the recording is cut off or unreadable',
  },
  async run(values, io) {
    const path = values.word(0);
    const [trace, report, { traceLockOrders, traceVocabularies }, lockdep] = await Promise.all([
      import('@faultpath/trace'),
      import('@faultpath/report'),
      import('@faultpath/integration/recordings'),
      import('@faultpath/lockdep'),
    ]);
    const wanted = values.list('fs');
    const known = traceVocabularies.map((vocabulary) => vocabulary.name);
    for (const name of wanted ?? []) requireKnown('--fs', name, known);
    const ids = values.list('rule');
    const ruleIds = lockdep.rules.map((rule) => rule.id);
    for (const id of ids ?? []) requireKnown('--rule', id, ruleIds);
    const kernel = values.text('kernel');
    const faults = values.whole('faults');
    const document = await withProgress(
      io,
      () => `reading ${inputName(path)}`,
      () =>
        trace.checkTrace(path === '-' ? io.stdin : resolve(io.cwd, path), {
          vocabularies: traceVocabularies.filter((vocabulary) => wanted?.includes(vocabulary.name) ?? true),
          lockOrders: traceLockOrders(wanted),
          file: inputName(path),
          allowTruncated: values.flag('allow-truncated'),
          ...(kernel === undefined ? {} : { kernel }),
          ...(faults === undefined ? {} : { maxFaults: faults }),
          ...(ids === undefined ? {} : { rules: lockdep.rules.filter((rule) => ids.includes(rule.id)) }),
        }),
    );
    const text = values.flag('json')
      ? `${report.safeJson(document)}\n`
      : render(document, trace, report, report.terminalStyle(io.stdout, io.env));
    await io.stdout.write(text);
    return exitCode(document);
  },
};
