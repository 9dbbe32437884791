import { dax_iomap_fault } from '@faultpath/dax';
import { createMutex, kernelFunction, load, lock, type Mutex, op, set, unlock } from '@faultpath/engine';
import type { LockEvent } from '@faultpath/lockdep';
import {
  clearVmfFs,
  down_read,
  type Filesystem,
  IOMAP,
  type Machine,
  restoreVmfMask,
  type SuperBlock,
  sb_end_pagefault,
  sb_start_pagefault,
  up_read,
  type Victim,
  type VmFault,
} from '@faultpath/mm';

/** One mutex for the whole filesystem: what a mount has. */
export interface TinyMount {
  readonly map_lock: Mutex;
}

function event(sb: SuperBlock, action: LockEvent['action'], name: string): Omit<LockEvent, 'task'> {
  return { type: 'lock', action, lock: name, instance: `${sb.name}.${name}`, kind: 'mutex', mode: 'exclusive' };
}

export const takeMap = (sb: SuperBlock) =>
  lock((sb.s_fs_info as TinyMount).map_lock, event(sb, 'acquired', 'map_lock'));
export const dropMap = (sb: SuperBlock) =>
  unlock((sb.s_fs_info as TinyMount).map_lock, event(sb, 'release', 'map_lock'));

export const tiny_fault = kernelFunction('tiny_fault', function* (env: Machine, vmf: VmFault) {
  const { i_sb, i_mapping } = vmf.inode;
  if (vmf.write) yield sb_start_pagefault(i_sb);
  yield down_read(i_mapping.invalidate_lock);
  const saved = yield* clearVmfFs(env, 'tiny_fault');
  const ret = yield* dax_iomap_fault(env, vmf);
  yield* restoreVmfMask(env, saved, 'tiny_fault');
  yield up_read(i_mapping.invalidate_lock);
  if (vmf.write) yield sb_end_pagefault(i_sb);
  return ret;
});

export const tiny_begin = kernelFunction('tiny_begin', function* (_env: Machine, vmf: VmFault) {
  const { mapped } = vmf.slot;
  if ((yield load(mapped)) === 1) return IOMAP.MAPPED;
  if (!vmf.write) return IOMAP.HOLE;
  const { i_sb } = vmf.inode;
  yield takeMap(i_sb);
  yield op('allocate a block', [{ when: [], does: [set(mapped, 1)], result: 0 }]);
  yield dropMap(i_sb);
  return IOMAP.MAPPED;
});

export const tiny_evict = kernelFunction('tiny_evict', function* (_env: Machine, victim: Victim) {
  if (!victim.state.unlinked) return 0;
  yield takeMap(victim.i_sb);
  yield dropMap(victim.i_sb);
  return 0;
});

/** The smallest filesystem that the suite passes; not checked yet, so that tests can break it first. */
export const tiny: Filesystem = {
  name: 'tiny',
  interfaceVersion: 1,
  locks: {
    map_lock: { kind: 'mutex', scope: 'superblock' },
  },
  lockOrder: [['mmap_lock', 'sb_pagefaults', 'invalidate_lock', 'dax_entry', 'map_lock']],
  mappingGfp: null,
  supports: { eras: ['v6.1'], dax: true, transactions: false, sync_faults: false },
  vm_ops: { fault: tiny_fault },
  iomap_ops: { iomap_begin: tiny_begin },
  s_op: { evict_inode: tiny_evict },
  f_op: {},
  reclaim: {
    kinds: {
      linked: { via: 'prune_icache_sb', frequency: 'common', eras: ['v6.1'], because: 'a clean inode is forgotten' },
      orphan: {
        via: 'prune_dcache_sb',
        frequency: 'rare',
        eras: ['v6.1'],
        because: 'an unlinked one gives its blocks back',
      },
    },
  },
  invalidateLock: () => 'invalidate_lock',
  mount: (builder, sb) => ({
    map_lock: createMutex(builder.world, `${sb}.map_lock`, { lock: 'map_lock', instance: `${sb}.map_lock` }),
  }),
  setupInode: () => null,
  threads: [],
};

/** Where the tests run it. */
export const oneCell = { era: ['v6.1'], policy: ['as-released'] } as const;
