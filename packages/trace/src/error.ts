import type { TraceDatErrorCode } from './dat/index.ts';

/** Stable codes of everything that can be wrong with a recording; tests and callers compare these, never wording. */
export type TraceErrorCode =
  | TraceDatErrorCode
  | 'TRACE_EMPTY'
  | 'TRACE_NOT_A_TRACE'
  | 'TRACE_TRUNCATED'
  | 'TRACE_LINE_UNREADABLE'
  | 'TRACE_UNREADABLE_FILE'
  | 'TRACE_BAD_OPTION';

/** Thrown when a recording cannot be used at all; the message says where, and what to do. */
export class TraceError extends Error {
  readonly code: TraceErrorCode;

  constructor(code: TraceErrorCode, message: string) {
    super(message);
    this.name = 'TraceError';
    this.code = code;
  }
}
