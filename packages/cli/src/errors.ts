/** Codes are stable; wording is not. Listed in `docs/cli.md`. */
export type CliErrorCode =
  | 'CLI_UNKNOWN_COMMAND'
  | 'CLI_UNKNOWN_OPTION'
  | 'CLI_BAD_VALUE'
  | 'CLI_MISSING_VALUE'
  | 'CLI_MISSING_ARGUMENT'
  | 'CLI_EXTRA_ARGUMENT'
  /** A file cannot be read: it is missing, a folder, or not permitted. */
  | 'CLI_CANNOT_READ'
  /** Standard output takes no more: the disk is full, say. A reader that went away is no error. */
  | 'CLI_CANNOT_WRITE'
  /** A module of `--adapter` cannot be loaded, or exports no adapter. */
  | 'CLI_BAD_ADAPTER'
  /** A defect of faultpath itself. */
  | 'CLI_BUG';

/** Thrown for what the user can mend. `advice` says what to do, in a few words. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    readonly code: CliErrorCode,
    message: string,
    readonly advice: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Thrown by a write to a reader that went away, as `head` does. Quiet by design. */
export class BrokenPipe extends Error {
  override readonly name = 'BrokenPipe';
}

/** An error as it is printed. */
export interface ToldError {
  readonly code: string;
  readonly message: string;
  readonly advice?: string;
}

// The packages' own errors have such codes; node's start with ERR_ and mean that we called node wrongly.
const ours = /^(?!ERR_)[A-Z][A-Z0-9]*_[A-Z0-9_]+$/;

/** An error is one line, whatever a parser or a module drew over several. */
function oneLine(message: string): string {
  return message.trim().replace(/\s*\n\s*/g, ' ');
}

/**
 * What to tell of an error. Whatever has no code of ours is a defect: its stack is shown only with FAULTPATH_DEBUG=1.
 */
export function tellError(error: unknown, env: Readonly<Record<string, string | undefined>>): ToldError {
  if (error instanceof CliError) return { code: error.code, message: oneLine(error.message), advice: error.advice };
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && ours.test(error.code)) {
    // Some packages begin their message with the code, which is printed already.
    return { code: error.code, message: oneLine(error.message.replace(`${error.code}: `, '')) };
  }
  const message = error instanceof Error ? error.message : String(error);
  if (env['FAULTPATH_DEBUG'] === '1') {
    return { code: 'CLI_BUG', message: error instanceof Error ? (error.stack ?? message) : message };
  }
  return {
    code: 'CLI_BUG',
    message: `this is a defect of faultpath: ${oneLine(message)}`,
    advice: 'run again with FAULTPATH_DEBUG=1 and report what it prints on the issue page of the project',
  };
}
