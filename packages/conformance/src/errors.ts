/** Stable codes of the suite's errors. */
export type ConformanceErrorCode =
  /** An adapter threw something without a code of its own. */
  | 'CONFORMANCE_ADAPTER_FAILED'
  /** A handler goes round without a step: its worker was ended. */
  | 'CONFORMANCE_ADAPTER_HANGS'
  /** A bound that there is not, or that is too small or too large. */
  | 'CONFORMANCE_BAD_BOUNDS'
  | 'CONFORMANCE_BAD_CASE'
  | 'CONFORMANCE_BAD_SHARD'
  /** A cell that is not as it should be, to a test runner. */
  | 'CONFORMANCE_CELL_FAILED'
  | 'CONFORMANCE_DUPLICATE'
  | 'CONFORMANCE_EXPECTATIONS'
  | 'CONFORMANCE_NOTHING_SELECTED'
  /** An adapter was made with another copy of a package than the suite's. */
  | 'CONFORMANCE_TWO_COPIES'
  | 'CONFORMANCE_UNKNOWN_VALUE'
  /** A thread ended by itself: out of memory, or a module that it cannot load. */
  | 'CONFORMANCE_WORKER_LOST';

/** A mistake in what the suite was given; never a verdict. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
  readonly code: ConformanceErrorCode;
  /** The option, field or file that the error is about. */
  readonly where: string;

  constructor(code: ConformanceErrorCode, where: string, message: string) {
    super(`${code}: ${where}: ${message}`);
    this.code = code;
    this.where = where;
  }
}
