/** Where text goes. */
export interface Out {
  /** A promise, where the reader is slower than the writer: await it, or memory grows. */
  write(chunk: string | Uint8Array): Promise<void> | void;
  readonly isTTY: boolean;
  readonly columns?: number | undefined;
}

/** All that a command may touch of the process it runs in; tests pass their own. */
export interface Io {
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: Out;
  readonly stderr: Out;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths start here. */
  readonly cwd: string;
  /** From this call on, Ctrl-C aborts the signal and the command gives what it has; a second one ends the process. */
  interrupts(): AbortSignal;
}
