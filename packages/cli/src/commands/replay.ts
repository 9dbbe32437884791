import type { Replay } from '@faultpath/conformance';
import type { Command } from '../command.ts';
import { CliError } from '../errors.ts';
import { cellArguments, cellOptions, locateCell, patienceOf } from '../locate-cell.ts';
import { holdPhrase, replayText } from '../replay-text.ts';
import { walk } from '../replay-walk.ts';

function documentOf(cell: Readonly<Record<string, string>>, run: Replay): unknown {
  return {
    schema: 'faultpath/replay/1',
    ...cell,
    deadlocked: run.deadlocked,
    scheduled: run.scheduled,
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

export const replay: Command = {
  summary: 'show a schedule again, step by step',
  describe:
    'Plays a schedule of a finding on its case, and shows every step and where each task ends. A schedule that does not fit says at which step, and why.',
  arguments: cellArguments,
  options: [
    { name: 'schedule', value: 'SCHEDULE', says: 'what a finding names, v1:...' },
    { name: 'step', value: 'COUNT', says: 'stop after so many steps, to look at the state in between' },
    { name: 'walk', says: 'go through the states one by one, forth and back, by commands on standard input' },
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
    {
      line: 'faultpath replay ext4 dax/004 --era v6.1 --schedule v1:0x3.1:2.0 --walk',
      says: 'n or Return for the next state, b for the one before, a number, q to end',
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
    if (values.flag('walk') && values.flag('json')) {
      throw new CliError('CLI_BAD_VALUE', '--walk is for people, --json is not', 'leave one of them out');
    }
    const [{ replay: play }, report] = await Promise.all([
      import('@faultpath/conformance'),
      import('@faultpath/report'),
    ]);
    const { subject, setting } = await locateCell(values, io);
    const cell = { fs: setting.fs.name, case: subject.id, era: setting.era, policy: setting.policy };
    const patience = patienceOf(values);
    const walking = values.flag('walk');
    const run = play(subject, setting, schedule, walking ? undefined : step, patience);
    const style = report.terminalStyle(io.stdout, io.env);
    if (walking) {
      await walk(
        (at) => play(subject, setting, schedule, at, patience),
        { from: step ?? 0, to: run.scheduled },
        io,
        report,
        style,
      );
    } else {
      const text = values.flag('json')
        ? `${report.safeJson(documentOf({ ...cell, schedule }, run))}\n`
        : replayText(run, report, style);
      await io.stdout.write(text);
    }
    return run.deadlocked || run.steps.some(({ error }) => error !== undefined) ? 1 : 0;
  },
};
