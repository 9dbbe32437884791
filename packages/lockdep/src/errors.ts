/** Codes of the errors a user can cause; tests and callers match these, never the wording. */
export type LockdepErrorCode =
  | 'FAULTPATH_UNKNOWN_RULE_NEED'
  | 'FAULTPATH_LOCK_ORDER_CYCLE'
  | 'FAULTPATH_UNEXPLAINED_EDGE'
  | 'FAULTPATH_NOT_LOCKDEP_TEXT'
  | 'FAULTPATH_BAD_PROC_LOCKDEP'
  | 'FAULTPATH_BAD_ASSUMPTION';

/** The one error class of this package: `code` is stable, `message` says where and what to do. */
export class LockdepError extends Error {
  readonly code: LockdepErrorCode;

  constructor(code: LockdepErrorCode, message: string) {
    super(message);
    this.name = 'LockdepError';
    this.code = code;
  }
}
