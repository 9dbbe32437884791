import type { EraName } from './era.ts';

/** Which mask a DAX fault works with: the sides of the discussion of December 2016, and what became of it. */
export const policyNames = [
  'as-released',
  'core',
  'jiang',
  'chinner',
  'chinner+ext4',
  'draft-pmd',
  'merged-4.10-pmd',
  'scope',
] as const;

export type PolicyName = (typeof policyNames)[number];

/** One answer to the question which gfp mask a DAX fault uses. */
export interface Policy {
  readonly name: PolicyName;
  /** One sentence: what is done. */
  readonly what: string;
  /** What `vmf->gfp_mask` is made of. */
  readonly vmfMask: 'mapping|FS|IO' | 'mapping';
  /** The filesystem clears `__GFP_FS` in `vmf->gfp_mask` around its DAX call and restores it. */
  readonly clearAroundDax: boolean;
  /** ext4 clears `__GFP_FS` in the mapping mask of every inode at setup. */
  readonly ext4DeclaresNofs: boolean;
  /** What a PMD fault builds for itself; absent where it uses `vmf->gfp_mask`. */
  readonly pmdMask?: 'mapping|FS|IO' | 'mapping|IO';
  /** An open handle or transaction is a NOFS scope, whatever the release did. */
  readonly handleScope: boolean;
  /** The cells that a release had: in every other era the policy is counterfactual. */
  readonly released: readonly EraName[];
}

const none = { clearAroundDax: false, ext4DeclaresNofs: false, handleScope: false, vmfMask: 'mapping|FS|IO' } as const;

/** Every policy, by name. */
export const policies: Readonly<Record<PolicyName, Policy>> = Object.freeze({
  'as-released': {
    ...none,
    name: 'as-released',
    what: 'what the release did',
    released: ['v4.9', 'v4.10', 'v4.12', 'v5.15', 'v6.1', 'v6.12'],
  },
  core: {
    ...none,
    name: 'core',
    what: 'vmf->gfp_mask as the core builds it: the mapping mask with FS and IO added',
    released: ['v4.9', 'v4.10', 'v4.12', 'v5.15', 'v6.1', 'v6.12'],
  },
  jiang: {
    ...none,
    name: 'jiang',
    what: 'the filesystem clears __GFP_FS in vmf->gfp_mask around the DAX call, and restores it',
    clearAroundDax: true,
    released: [],
  },
  chinner: { ...none, name: 'chinner', what: 'the mapping mask, unadulterated', vmfMask: 'mapping', released: [] },
  'chinner+ext4': {
    ...none,
    name: 'chinner+ext4',
    what: 'the mapping mask, unadulterated, and ext4 clears __GFP_FS in it at inode setup',
    vmfMask: 'mapping',
    ext4DeclaresNofs: true,
    released: [],
  },
  'draft-pmd': {
    ...none,
    name: 'draft-pmd',
    what: 'a PMD fault rebuilds its mask with FS and IO added',
    pmdMask: 'mapping|FS|IO',
    released: [],
  },
  'merged-4.10-pmd': {
    ...none,
    name: 'merged-4.10-pmd',
    what: 'a PMD fault rebuilds its mask with IO added',
    pmdMask: 'mapping|IO',
    released: ['v4.10'],
  },
  scope: {
    ...none,
    name: 'scope',
    what: 'every open handle or transaction is a NOFS scope',
    handleScope: true,
    released: ['v4.12', 'v5.15', 'v6.1', 'v6.12'],
  },
});

/** No release had this combination. */
export function isCounterfactual(era: EraName, policy: PolicyName): boolean {
  return !policies[policy].released.includes(era);
}
