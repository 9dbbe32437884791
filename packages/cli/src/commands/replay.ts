import type { Replay } from '@faultpath/conformance';
import type { TerminalStyle } from '@faultpath/report';
import type { Command } from '../command.ts';
import { CliError } from '../errors.ts';
import { cellArguments, cellOptions, locateCell } from '../locate-cell.ts';

type Report = typeof import('@faultpath/report');
type Hold = Replay['threads'][number]['held'][number];

function holdPhrase({ object, mode }: Hold): string {
  return mode === 'exclusive' ? object.name : `${object.name} (${mode})`;
}

function documentOf(cell: Readonly<Record<string, string>>, run: Replay): unknown {
  return {
    schema: 'faultpath/replay/1',
    ...cell,
    deadlocked: run.deadlocked,
    steps: run.steps.map(({ step, name, op, backtrace, event, error }) => ({
      step,
      task: name,
      op,
      backtrace,
      event,
      error,
    })),
    threads: run.threads.map(({ name, status, enabled, at, wants, held, backtrace }) => ({
      task: name,
      status,
      enabled,
      at,
      wants: wants === undefined ? undefined : holdPhrase(wants),
      holds: held.map(holdPhrase),
      backtrace,
    })),
    cells: run.cells,
  };
}

function render(run: Replay, report: Report, style: TerminalStyle): string {
  const { hang, padEnd, padStart, paint, plainText, textWidth } = report;
  const width = Math.max(4, ...run.threads.map(({ name }) => textWidth(plainText(name))));
  const number = String(run.steps.length).length;
  const arrow = style.unicode ? ' ← ' : ' <- ';
  const steps = run.steps.flatMap(({ step, name, op, backtrace, error }) => {
    const head = `${padStart(String(step), number)} ${padEnd(plainText(name), width)}  `;
    const trace = backtrace.length === 0 ? '' : `  in ${backtrace.slice(0, 3).join(arrow)}`;
    const lines = hang(head, plainText(`${op}${trace}`), style.width);
    return error === undefined
      ? lines
      : [...lines, paint(style, plainText(`${error.code}: ${error.message}`), 'red', 'bold')];
  });
  const threads = run.threads.flatMap(({ name, status, enabled, wants, held, backtrace }) => {
    const state =
      status !== 'running'
        ? status
        : enabled
          ? 'can go on'
          : `waits${wants === undefined ? '' : ` for ${holdPhrase(wants)}`}`;
    const holds = held.length === 0 ? '' : `; holds ${held.map(holdPhrase).join(', ')}`;
    const lines = hang(`  ${padEnd(plainText(name), width)}  `, plainText(state + holds), style.width);
    const indent = ' '.repeat(width + 4);
    return enabled || backtrace.length === 0
      ? lines
      : [...lines, ...hang(indent, plainText(backtrace.join(arrow)), style.width)];
  });
  const broken = run.steps.some((step) => step.error !== undefined);
  const end = run.deadlocked
    ? 'Nobody can go on: a deadlock.'
    : broken
      ? 'The run ends in a model error.'
      : 'Somebody can go on.';
  return `${[...steps, '', `After ${report.plural(run.steps.length, 'step')}:`, ...threads, '', end].join('\n')}\n`;
}

export const replay: Command = {
  summary: 'show a schedule again, step by step',
  describe:
    'Plays a schedule of a finding on its case, and shows every step and where each task ends. A schedule that does not fit says at which step, and why.',
  arguments: cellArguments,
  options: [
    { name: 'schedule', value: 'SCHEDULE', says: 'what a finding names, v1:...' },
    { name: 'step', value: 'COUNT', says: 'stop after so many steps, to look at the state in between' },
    ...cellOptions,
  ],
  examples: [
    {
      line: 'faultpath replay ext4 dax/004 --era v6.1 --schedule v1:0x3.1:2.0',
      says: 'the line that a witness ends with',
    },
    {
      line: 'faultpath replay ext4 dax/004 --era v6.1 --schedule v1:0x3.1:2.0 --step 2',
      says: 'the state after two steps',
    },
  ],
  exits: {
    0: 'the schedule fits, and somebody can go on',
    1: 'it ends in a deadlock or a model error',
    2: 'it does not fit, or misuse',
  },
  async run(values, io) {
    const schedule = values.text('schedule');
    if (schedule === undefined) {
      throw new CliError('CLI_MISSING_ARGUMENT', '--schedule is missing', 'give the v1:... of a finding');
    }
    const step = values.whole('step');
    const [{ replay: play }, report] = await Promise.all([
      import('@faultpath/conformance'),
      import('@faultpath/report'),
    ]);
    const { subject, setting } = await locateCell(values, io);
    const cell = { fs: setting.fs.name, case: subject.id, era: setting.era, policy: setting.policy };
    const run = play(subject, setting, schedule, step);
    const text = values.flag('json')
      ? `${report.safeJson(documentOf({ ...cell, schedule }, run))}\n`
      : render(run, report, report.terminalStyle(io.stdout, io.env));
    await io.stdout.write(text);
    return run.deadlocked || run.steps.some(({ error }) => error !== undefined) ? 1 : 0;
  },
};
