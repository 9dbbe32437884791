/** Stable codes of the suite's errors. */
export type ConformanceErrorCode =
  | 'CONFORMANCE_ADAPTER_FAILED'
  | 'CONFORMANCE_ADAPTER_INVALID'
  | 'CONFORMANCE_BAD_CASE'
  | 'CONFORMANCE_BAD_SHARD'
  | 'CONFORMANCE_DUPLICATE'
  | 'CONFORMANCE_EXPECTATIONS'
  | 'CONFORMANCE_NOTHING_SELECTED'
  | 'CONFORMANCE_UNKNOWN_VALUE';

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
