import type { CommandEntry } from './command.ts';

/**
 * The command table, in the order of the help. Nothing is imported before a command is asked for: `faultpath --help`
 * loads this file and little else.
 */
export const commands: readonly CommandEntry[] = [
  {
    name: 'conformance',
    summary: 'explore every case of the suite and print the table',
    load: async () => (await import('./commands/conformance.ts')).conformance,
  },
  {
    name: 'replay',
    summary: 'show a schedule again, step by step',
    load: async () => (await import('./commands/replay.ts')).replay,
  },
  {
    name: 'export',
    summary: 'write the transition system of a case for another checker',
    load: async () => (await import('./commands/export.ts')).exportCommand,
  },
  {
    name: 'list',
    summary: 'list filesystems, releases, policies, cases and rules',
    load: async () => (await import('./commands/list.ts')).list,
  },
  {
    name: 'trace check',
    summary: 'read a recording, show its faults and judge them',
    load: async () => (await import('./commands/trace-check.ts')).traceCheck,
  },
  {
    name: 'trace validate',
    summary: 'hold recorded faults against the models',
    load: async () => (await import('./commands/trace-validate.ts')).traceValidate,
  },
  {
    name: 'trace convert',
    summary: 'write a recording as a Perfetto file, or as our own events',
    load: async () => (await import('./commands/trace-convert.ts')).traceConvert,
  },
  {
    name: 'trace script',
    summary: 'print a shell script that makes a recording',
    load: async () => (await import('./commands/trace-script.ts')).traceScript,
  },
  {
    name: 'splat',
    summary: 'read the reports of lockdep in a log, and answer them',
    load: async () => (await import('./commands/splat.ts')).splat,
  },
  {
    name: 'gfp',
    summary: 'explain gfp masks, in any form and of any release',
    load: async () => (await import('./commands/gfp.ts')).gfp,
  },
  {
    name: 'merge',
    summary: 'merge the results of shards into one report',
    load: async () => (await import('./commands/merge.ts')).merge,
  },
];
