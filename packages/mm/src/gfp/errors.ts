/** Stable codes; the wording of messages may change, a code never does. */
export type GfpErrorCode =
  /** The release is not in the table, or is not a release. */
  | 'GFP_KERNEL_UNKNOWN'
  /** The release was not read and its neighbours disagree about this mask. */
  | 'GFP_KERNEL_AMBIGUOUS'
  /** No release has a flag of this name. */
  | 'GFP_NAME_UNKNOWN'
  /** The name exists, but not in this release or configuration. */
  | 'GFP_NAME_NOT_IN_RELEASE'
  /** The mask has bits that this release never sets. */
  | 'GFP_BIT_IMPOSSIBLE'
  /** Hex and names stand together and disagree in this release, but agree in others. */
  | 'GFP_TEXT_OTHER_RELEASE'
  /** Hex and names stand together and disagree in every release. */
  | 'GFP_TEXT_NO_RELEASE'
  /** The text has no mask in it, or is not a mask. */
  | 'GFP_TEXT_INVALID'
  /** The value is no mask: negative, fractional or wider than 32 bits. */
  | 'GFP_MASK_INVALID'
  /** The task scope does not exist in this release. */
  | 'GFP_SCOPE_NOT_IN_RELEASE'
  /** An option has a value that it can't have. */
  | 'GFP_OPTION_INVALID';

/**
 * Thrown by everything in `@faultpath/mm/gfp` for a mistake in its input. `code` is stable; `fits` lists the release
 * series (`4.9`, `5.10`, …) in which the same input would have been right, and is empty when there is none.
 */
export class GfpError extends Error {
  readonly code: GfpErrorCode;
  readonly fits: readonly string[];

  constructor(code: GfpErrorCode, message: string, fits: readonly string[] = []) {
    super(message);
    this.name = 'GfpError';
    this.code = code;
    this.fits = fits;
  }
}
