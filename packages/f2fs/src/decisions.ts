import type { SuperBlock } from '@faultpath/mm';

/** Single decisions of f2fs, so that a twin is one line. */
export const f2fsDecisions = Object.freeze({
  /** Pages of nodes are allocated without FS: `GFP_NOFS` in the mapping of the node inode. */
  nodeMaskNofs: true,
});

export type F2fsDecision = keyof typeof f2fsDecisions;

/** What the mounted filesystem decides. */
export function decides(sb: SuperBlock, decision: F2fsDecision): boolean {
  return sb.fs.decisions?.[decision] ?? f2fsDecisions[decision];
}
