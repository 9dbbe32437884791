import type { Command } from '../command.ts';

const recorders = ['tracefs', 'trace-cmd', 'bpftrace'] as const;

export const traceScript: Command = {
  summary: 'print a shell script that makes a recording',
  describe:
    'Prints a POSIX shell script that needs no faultpath. As root it sets the probes, skips what the kernel lacks, runs a command or waits for Ctrl-C, restores every setting, and writes one file for faultpath trace check.',
  arguments: [],
  options: [
    { name: 'fs', value: 'NAME', many: true, says: 'filesystems to record; all known ones if not given' },
    { name: 'kernel', value: 'RELEASE', says: 'release it is meant for; it says so on another' },
    { name: 'for', value: 'RECORDER', choices: recorders, says: 'what records; tracefs if not given' },
  ],
  examples: [
    {
      line: 'faultpath trace script --fs ext4 > record.sh',
      says: 'read it, then run it as root: sh record.sh ./my-test',
    },
    { line: 'faultpath trace script --fs xfs,ext4 --for trace-cmd', says: 'a recording as trace.dat' },
  ],
  exits: { 1: 'not used', 2: 'misuse' },
  async run(values, io) {
    const [{ traceScript: make }, { traceVocabularies }, { safeJson }] = await Promise.all([
      import('@faultpath/trace'),
      import('@faultpath/integration/recordings'),
      import('@faultpath/report'),
    ]);
    const fs = values.list('fs');
    const kernel = values.text('kernel');
    const recorder = recorders.find((name) => name === values.text('for'));
    const script = make({
      vocabularies: traceVocabularies,
      ...(fs === undefined ? {} : { fs }),
      ...(kernel === undefined ? {} : { kernel }),
      ...(recorder === undefined ? {} : { for: recorder }),
    });
    await io.stdout.write(
      values.flag('json') ? `${safeJson({ schema: 'faultpath/trace-script/1', script })}\n` : script,
    );
    return 0;
  },
};
