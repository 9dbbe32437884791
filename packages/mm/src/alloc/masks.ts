import type { MaskFact } from '@faultpath/lockdep';
import type { Era } from '../era.ts';
import { formatGfp, gfp, hasNolockdep, mayBlock } from '../gfp/index.ts';

/** The task flags that change a mask. */
export interface MaskScopes {
  readonly nofs: boolean;
  readonly noio: boolean;
}

/** gfp masks in the bits and names of one release. */
export interface Masks {
  /** Mask from names, for example `GFP_NOFS|__GFP_ZERO`. */
  of(names: string): number;
  /** `mask` without the flags named. */
  without(mask: number, names: string): number;
  /** Only the flags of `mask` that are also in the names. */
  only(mask: number, names: string): number;
  /** The mask that the page allocator works with inside the scopes. */
  effective(mask: number, scopes: MaskScopes): number;
  /** An allocation with this mask may call into filesystems. */
  mayEnterFs(mask: number): boolean;
  /** The mask as a fact of an event. */
  fact(mask: number, how: MaskFact['how']): MaskFact;
}

/**
 * The "how to reclaim" part of a mask: what a slab or tree-node allocation keeps of a page's mask.
 * Source: mm/internal.h GFP_RECLAIM_MASK, without the flags that no mask of this model has.
 */
const RECLAIM_MASK = 'GFP_KERNEL|__GFP_HIGH|__GFP_NOWARN|__GFP_NOFAIL|__GFP_NORETRY|__GFP_MEMALLOC|__GFP_NOMEMALLOC';

/** Makes the masks of a release. Its functions are pure. Throws the codes of `gfp` for an unknown name. */
export function createMasks(era: Era): Masks {
  const options = { kernel: era.kernel };
  const fs = gfp('__GFP_FS', options);
  const io = gfp('__GFP_IO', options);
  const facts = new Map<string, MaskFact>();

  return {
    of: (names) => gfp(names, options),
    without: (mask, names) => (mask & ~gfp(names, options)) >>> 0,
    only: (mask, names) => (mask & gfp(names === 'RECLAIM' ? RECLAIM_MASK : names, options)) >>> 0,
    // Done here and not by currentGfpContext(), which rightly refuses a scope that the release did not have: the
    // counterfactual cells are about just that.
    effective: (mask, { nofs, noio }) => (noio ? (mask & ~(fs | io)) >>> 0 : nofs ? (mask & ~fs) >>> 0 : mask),
    mayEnterFs: (mask) => (mask & fs) !== 0 && mayBlock(mask, options),
    fact(mask, how) {
      const key = `${mask}${how}`;
      const known = facts.get(key);
      if (known !== undefined) return known;
      const fact: MaskFact = Object.freeze({
        how,
        text: formatGfp(mask, { ...options, style: 'trace' }),
        fs: (mask & fs) !== 0,
        io: (mask & io) !== 0,
        directReclaim: mayBlock(mask, options),
        nolockdep: hasNolockdep(mask, options),
      });
      facts.set(key, fact);
      return fact;
    },
  };
}
