/** Codes are stable; wording is not. */
export type ReportErrorCode =
  /** The text is no JSON. */
  | 'REPORT_NOT_JSON'
  /** The document has another shape, or another version of it. */
  | 'REPORT_BAD_DOCUMENT'
  /** Two documents answer the same cell differently. */
  | 'REPORT_CONFLICT'
  /** A shard of a run is missing, or comes twice. */
  | 'REPORT_SHARDS'
  /** Documents of different versions are to be merged. */
  | 'REPORT_VERSIONS'
  /** A finding explains nothing: a defect of the rule that made it. */
  | 'REPORT_UNEXPLAINED'
  /** The file could not be written; what was there before is untouched. */
  | 'REPORT_CANNOT_WRITE';

/** Thrown when a report cannot be read, made or written. */
export class ReportError extends Error {
  override readonly name = 'ReportError';

  constructor(
    readonly code: ReportErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
