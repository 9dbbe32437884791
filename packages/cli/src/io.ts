/** Where text goes. */
export interface Out {
  /**
   * A promise, where the reader is slower than the writer: await it, or memory grows. Bytes may be overwritten once it is
   * fulfilled, or at once where there is none.
   */
  write(chunk: string | Uint8Array): Promise<void> | void;
  readonly isTTY: boolean;
  readonly columns?: number | undefined;
}

/** All that a command may touch of the process it runs in; tests pass their own. */
export interface Io {
  readonly stdin: AsyncIterable<Uint8Array>;
  /**
   * Reads what standard input has at this moment, and blocks until it has something. Gives the number of bytes, 0 at the
   * end, and undefined where only the stream can tell: then use `stdin` from there on.
   */
  readonly readNow?: (into: Uint8Array) => number | undefined;
  readonly stdout: Out;
  readonly stderr: Out;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths start here. */
  readonly cwd: string;
  /** From this call on, Ctrl-C aborts the signal and the command gives what it has; a second one ends the process. */
  interrupts(): AbortSignal;
}
