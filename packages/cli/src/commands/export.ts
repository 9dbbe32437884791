import { basename } from 'node:path';
import type { Command } from '../command.ts';
import { CliError } from '../errors.ts';
import { cellArguments, cellOptions, locateCell, patienceOf } from '../locate-cell.ts';
import { openSink } from '../sink.ts';

const formats = ['promela', 'tla', 'dot', 'aldebaran'] as const;

export const exportCommand: Command = {
  summary: 'write the transition system of a case for another checker',
  describe:
    'Writes what is explored for one cell of the table, unreduced, for SPIN (promela), TLC (tla), Graphviz (dot) or the Aldebaran tools, so that they can take over or judge our verdict.',
  arguments: cellArguments,
  options: [
    { name: 'format', value: 'FORMAT', choices: formats, says: 'language to write' },
    { name: 'out', value: 'FILE', says: 'write there instead of standard output, whole or not at all' },
    { name: 'max-states', value: 'COUNT', says: 'aldebaran lists every state: refuse more than this' },
    ...cellOptions,
  ],
  examples: [
    { line: 'faultpath export ext4 dax/004 --era v6.1 --format promela --out case.pml', says: 'for SPIN' },
    { line: 'faultpath export ext2 dax/001 --era v6.1 --format dot', says: "the tasks' automata, to look at" },
  ],
  exits: {
    0: 'all of it is written',
    1: 'not used',
    2: 'the case is not run in this setting, too many states, or misuse',
  },
  async run(values, io) {
    const format = formats.find((name) => name === values.text('format'));
    if (format === undefined) {
      throw new CliError('CLI_MISSING_ARGUMENT', '--format is missing', `one of ${formats.join(', ')}`);
    }
    const out = values.text('out');
    if (values.flag('json') && out === undefined) {
      throw new CliError(
        'CLI_MISSING_ARGUMENT',
        '--json needs --out: standard output would hold two things',
        'add --out FILE',
      );
    }
    const maxStates = values.whole('max-states', 1);
    const { subject, setting } = await locateCell(values, io);
    const [{ compileCell }, { exportSystem }, { plainText, safeJson }] = await Promise.all([
      import('@faultpath/conformance'),
      import('@faultpath/engine'),
      import('@faultpath/report'),
    ]);
    const pieces = exportSystem(compileCell(subject, setting, patienceOf(values)), format, {
      ...(maxStates === undefined ? {} : { maxStates }),
      // TLC wants the module to be called as its file.
      ...(out === undefined
        ? {}
        : {
            moduleName:
              basename(out)
                .replace(/\.[^.]*$/, '')
                .replace(/\W/g, '_') || 'faultpath',
          }),
    });
    const sink = await openSink(out, io);
    try {
      for (const piece of pieces) sink.write(piece);
      await sink.keep();
    } finally {
      sink.drop();
    }
    if (out === undefined) return 0;
    const cell = { fs: setting.fs.name, case: subject.id, era: setting.era, policy: setting.policy };
    const said = values.flag('json')
      ? safeJson({ schema: 'faultpath/export/1', ...cell, format, out })
      : plainText(`${cell.fs} ${cell.case} ${cell.era} ${cell.policy} written to ${out}`);
    await io.stdout.write(`${said}\n`);
    return 0;
  },
};
