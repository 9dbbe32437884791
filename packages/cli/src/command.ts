import type { Io } from './io.ts';
import type { Values } from './values.ts';

/** 0 all as expected, 1 findings, 2 incomplete or misuse. */
export type ExitCode = 0 | 1 | 2;

/** A `--name` of a command. */
export interface OptionSpec {
  /** Without the dashes. */
  readonly name: string;
  /** What the help calls its value; a flag has none. */
  readonly value?: string;
  /** A comma list, and may be given several times. */
  readonly many?: boolean;
  /** The only values there are, where that is known without loading anything. */
  readonly choices?: readonly string[];
  readonly says: string;
}

/** A word of the command line that is no option. */
export interface ArgumentSpec {
  readonly name: string;
  readonly says: string;
  /** This one and all that follow; only the last argument may have it. */
  readonly many?: boolean;
  readonly optional?: boolean;
}

export interface Example {
  readonly line: string;
  readonly says: string;
}

/**
 * One command, in a file of its own that is loaded when it is run. The file itself must stay cheap: `--help` loads it.
 * `run` imports the packages that do the work.
 */
export interface Command {
  readonly summary: string;
  /** A few sentences more, for its help. */
  readonly describe: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly Example[];
  /** What its exit codes mean, where the common meaning needs saying. */
  readonly exits?: Readonly<Partial<Record<ExitCode, string>>>;
  run(values: Values, io: Io): Promise<ExitCode>;
}

/** A row of the command table: enough for `faultpath --help`. */
export interface CommandEntry {
  /** `gfp`, or `trace check` for one in a group. */
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}
