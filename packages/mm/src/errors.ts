/** Stable codes of the errors that a model's author, or the writer of a case, can make. */
export type ModelErrorCode =
  | 'MM_BOUND'
  | 'MM_CHANGE_UNKNOWN'
  | 'MM_ERA_UNKNOWN'
  | 'MM_ERA_UNSUPPORTED'
  | 'MM_FAULT_CODE'
  | 'MM_FILESYSTEM_UNKNOWN'
  | 'MM_INODE_UNKNOWN'
  | 'MM_LOCK_UNKNOWN'
  | 'MM_NOTHING_TO_RUN'
  | 'MM_POLICY_UNKNOWN'
  | 'MM_TASK_UNSUPPORTED'
  | 'MM_VICTIM_UNREACHABLE';

/** A case that cannot be turned into a model. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: ModelErrorCode;
  /** Field of the case that the error is about. */
  readonly where: string;

  constructor(code: ModelErrorCode, where: string, message: string) {
    super(`${code}: ${where}: ${message}`);
    this.code = code;
    this.where = where;
  }
}
