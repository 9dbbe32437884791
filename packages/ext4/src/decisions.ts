import type { SuperBlock } from '@faultpath/mm';

/**
 * Single decisions of ext4, so that a twin or a cure is one line: `{ ...ext4, decisions: { ...ext4.decisions, … } }`.
 */
export const ext4Decisions = Object.freeze({
  /** An open handle is a NOFS scope, where the era or the policy has it so. */
  handleScope: true,
  /** A fault takes the lock that keeps truncate away. */
  faultTakesInvalidateLock: true,
  /** A write fault opens its handle before DAX locks the entry, where the era has it so. */
  handleAroundDax: true,
  /** A cure: a DAX read fault runs in a NOFS scope. */
  readFaultScope: false,
  /** A cure: the second half of a MAP_SYNC fault runs in a NOFS scope. */
  syncFaultScope: false,
  /** A cure: the second attempt to remember an extent asks without `__GFP_FS`. */
  esRetryNofs: false,
});

export type Ext4Decision = keyof typeof ext4Decisions;

/** What the mounted filesystem decides. */
export function decides(sb: SuperBlock, decision: Ext4Decision): boolean {
  return sb.fs.decisions?.[decision] ?? ext4Decisions[decision];
}
