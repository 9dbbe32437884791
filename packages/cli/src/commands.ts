import type { CommandEntry } from './command.ts';

/**
 * The command table, in the order of the help. Nothing is imported before a command is asked for: `faultpath --help`
 * loads this file and little else.
 */
export const commands: readonly CommandEntry[] = [
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
