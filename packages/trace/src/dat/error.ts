/** Stable codes of what makes a trace.dat unusable; tests and callers compare these, never wording. */
export type TraceDatErrorCode =
  | 'TRACE_DAT_MAGIC'
  | 'TRACE_DAT_VERSION'
  | 'TRACE_DAT_TRUNCATED'
  | 'TRACE_DAT_COMPRESSION'
  | 'TRACE_DAT_FORMAT'
  | 'TRACE_DAT_EMPTY'
  | 'TRACE_DAT_IO';

/** Thrown when a trace.dat cannot be used at all; the message says where, and what to do. */
export class TraceDatError extends Error {
  readonly code: TraceDatErrorCode;
  /** Byte offset in the (uncompressed) file at which reading stopped making sense. */
  readonly offset: number;

  constructor(code: TraceDatErrorCode, offset: number, message: string) {
    super(`${message} (at byte ${offset})`);
    this.name = 'TraceDatError';
    this.code = code;
    this.offset = offset;
  }
}
