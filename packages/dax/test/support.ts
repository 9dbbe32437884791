import { kernelFunction } from '@faultpath/engine';
import { defineFilesystem, eraNames, type Filesystem, IOMAP, type Machine, type VmFault } from '@faultpath/mm';
import { dax_fault, dax_iomap_fault } from '../src/index.ts';

const fault = kernelFunction('plain_fault', function* (env: Machine, vmf: VmFault) {
  return env.era.daxBlocks.is === 'get_block' ? dax_fault(env, vmf) : dax_iomap_fault(env, vmf);
});

const begin = kernelFunction('plain_iomap_begin', function* (_env: Machine, vmf: VmFault) {
  return vmf.write ? IOMAP.MAPPED : IOMAP.HOLE;
});

/** A filesystem with no lock of its own: what is left is DAX. */
export const plain: Filesystem = defineFilesystem({
  name: 'plain',
  interfaceVersion: 1,
  locks: { invalidate_lock: { kind: 'rwsem', scope: 'inode' } },
  lockOrder: [['invalidate_lock']],
  mappingGfp: null,
  supports: { eras: eraNames, dax: true, transactions: false, sync_faults: false },
  vm_ops: { fault },
  iomap_ops: { iomap_begin: begin },
  s_op: {},
  f_op: {},
  reclaim: {
    kinds: { linked: { via: 'prune_icache_sb', frequency: 'common', eras: eraNames, because: 'it is only forgotten' } },
  },
  invalidateLock: () => 'invalidate_lock',
  mount: () => null,
  setupInode: () => null,
  threads: [],
});
