import { kernelFunction, load, note, type Op, op, set } from '@faultpath/engine';
import type { MaskStoreEvent } from '@faultpath/lockdep';
import type { Machine, VmFault } from '../machine/types.ts';

/** Stores a mask in `vmf->gfp_mask`, and says so. `index` counts in {@link Machine.vmfMasks}. */
function storeMask(env: Machine, from: number, index: number, by: string): Op {
  const event: Omit<MaskStoreEvent, 'task'> = {
    type: 'mask-store',
    cell: 'vmf->gfp_mask',
    from: env.masks.fact(env.vmfMasks[from] as number, 'recorded'),
    to: env.masks.fact(env.vmfMasks[index] as number, 'recorded'),
    by,
  };
  return op(`vmf->gfp_mask = ${event.to.text}`, [
    { when: [], does: [set(env.current.vmf_gfp_mask, index)], result: from, event: Object.freeze(event) },
  ]);
}

/** The mask a fault on this mapping starts with, by the policy; where the core builds it, FS and IO are added. */
export function faultMask(env: Machine, vmf: VmFault): number {
  const mapping = vmf.inode.i_mapping.gfp_mask;
  return env.policy.vmfMask === 'mapping' ? mapping : (mapping | env.masks.of('__GFP_FS|__GFP_IO')) >>> 0;
}

/**
 * Sets `vmf->gfp_mask` at the start of a fault.
 *
 * @kernel mm/memory.c __get_fault_gfp_mask v6.1
 * @locks mmap_lock shared
 * @omits mappings without a file
 */
export const __get_fault_gfp_mask = kernelFunction('__get_fault_gfp_mask', function* (env: Machine, vmf: VmFault) {
  const before = yield load(env.current.vmf_gfp_mask);
  const index = env.vmfMasks.indexOf(faultMask(env, vmf));
  // The first store of a fault only builds the structure: nobody's mask is replaced, so nothing is told.
  yield op('vmf->gfp_mask is built', [{ when: [], does: [set(env.current.vmf_gfp_mask, index)], result: before }]);
  return 0;
});

/**
 * Reads `vmf->gfp_mask`.
 *
 * @kernel include/linux/mm.h vm_fault v6.1
 * @locks none
 * @omits nothing
 */
export const vmf_gfp_mask = kernelFunction('vmf_gfp_mask', function* (env: Machine) {
  const index = yield load(env.current.vmf_gfp_mask);
  return env.vmfMasks[index] as number;
});

/**
 * Clears `__GFP_FS` in `vmf->gfp_mask` where the policy has the filesystem do so; the result is for
 * {@link restoreVmfMask}.
 *
 * @kernel fs/ext4/file.c ext4_dax_fault v4.10, as patched in the mails of December 2016
 * @locks the filesystem's fault locks
 * @omits nothing
 */
export const clearVmfFs = kernelFunction('clearVmfFs', function* (env: Machine, by: string) {
  const index = yield load(env.current.vmf_gfp_mask);
  if (!env.policy.clearAroundDax) return index;
  const cleared = env.masks.without(env.vmfMasks[index] as number, '__GFP_FS');
  yield storeMask(env, index, env.vmfMasks.indexOf(cleared), by);
  return index;
});

/**
 * Puts `vmf->gfp_mask` back as it was before {@link clearVmfFs}.
 *
 * @kernel fs/ext4/file.c ext4_dax_fault v4.10, as patched in the mails of December 2016
 * @locks the filesystem's fault locks
 * @omits nothing
 */
export const restoreVmfMask = kernelFunction('restoreVmfMask', function* (env: Machine, saved: number, by: string) {
  if (!env.policy.clearAroundDax) return 0;
  const index = yield load(env.current.vmf_gfp_mask);
  yield storeMask(env, index, saved, by);
  return 0;
});

/** The mask that a huge fault builds for itself, by the policy and what the era does without one. */
function ownPmdMask(env: Machine, vmf: VmFault): number {
  const mapping = vmf.inode.i_mapping.gfp_mask;
  const { pmdMask, name } = env.policy;
  const released = name === 'as-released' || name === 'scope' ? 'mapping|IO' : undefined;
  switch (pmdMask ?? released) {
    case 'mapping|IO':
      return (mapping | env.masks.of('__GFP_IO')) >>> 0;
    case 'mapping|FS|IO':
      return (mapping | env.masks.of('__GFP_FS|__GFP_IO')) >>> 0;
    default:
      return env.policy.clearAroundDax ? env.masks.without(faultMask(env, vmf), '__GFP_FS') : faultMask(env, vmf);
  }
}

/**
 * Tells of the mask that a huge fault stores in a structure of its own, where the era or the policy has it so. Nothing
 * allocates with it: the only reader replaces a page of the page cache, and a huge fault gives up where it finds one.
 *
 * @kernel fs/dax.c dax_iomap_pmd_fault v4.10
 * @locks the filesystem's fault locks
 * @omits nothing
 */
export const buildPmdMask = kernelFunction('buildPmdMask', function* (env: Machine, vmf: VmFault) {
  if (env.era.pmdGfp.is !== 'own' && env.policy.pmdMask === undefined) return 0;
  const stored: Omit<MaskStoreEvent, 'task'> = {
    type: 'mask-store',
    cell: 'vmf.gfp_mask of dax_iomap_pmd_fault',
    from: env.masks.fact(faultMask(env, vmf), 'recorded'),
    to: env.masks.fact(ownPmdMask(env, vmf), 'recorded'),
    by: 'dax_iomap_pmd_fault',
  };
  yield note(`vmf.gfp_mask = ${stored.to.text}`, Object.freeze(stored));
  return 0;
});
