import { type Builder, changesBlocks, defineFilesystem, type EraName, eraNames } from '@faultpath/mm';
import { ext2Contracts } from './contracts.ts';
import { type Ext2Inode, ext2_dax_fault, ext2_fsync, ext2_setattr } from './file.ts';
import { type Ext2Victim, ext2_evict_inode, ext2_iomap_begin } from './inode.ts';

const untilV412 = ['v4.9', 'v4.10', 'v4.12'] as const;
const invalidateLock = (era: EraName): string =>
  (untilV412 as readonly string[]).includes(era) ? 'dax_sem' : 'invalidate_lock';

function setupInode(builder: Builder, inode: string): Ext2Inode {
  const writers = builder.tasks.some((task) => changesBlocks(task, inode));
  const owner = { object: inode, referenced: true };
  return {
    truncate_mutex: builder.rwsem('truncate_mutex', `${inode}.truncate_mutex`, { kind: 'mutex', writers, owner }),
  };
}

function setupVictim(builder: Builder, victim: string): Ext2Victim {
  const lock = invalidateLock(builder.era.name);
  const dying = { writers: true, unshared: true, owner: { object: victim, referenced: false } };
  return {
    truncate_mutex: builder.rwsem('truncate_mutex', `${victim}.truncate_mutex`, { kind: 'mutex', ...dying }),
    invalidate_lock: builder.rwsem(lock, `${victim}.${lock}`, dying),
  };
}

/** ext2, mounted for DAX. No journal, no transactions, no mask of its own: the adapter to copy. */
export const ext2 = defineFilesystem({
  name: 'ext2',
  interfaceVersion: 1,
  locks: {
    dax_sem: { kind: 'rwsem', scope: 'inode', eras: untilV412 },
    truncate_mutex: { kind: 'mutex', scope: 'inode' },
  },
  lockOrder: [
    ['mmap_lock', 'sb_pagefaults', 'invalidate_lock', 'dax_entry', 'truncate_mutex'],
    ['sb_pagefaults', 'dax_sem', 'dax_entry', 'folio_lock', 'truncate_mutex'],
    ['sb_writers', 'i_rwsem', 'invalidate_lock'],
    ['i_rwsem', 'dax_sem'],
    ['sb_internal', 'invalidate_lock'],
    ['sb_internal', 'dax_sem'],
  ],
  contracts: ext2Contracts,
  mappingGfp: null,
  supports: { eras: eraNames, dax: true, transactions: false, sync_faults: false },
  vm_ops: { fault: ext2_dax_fault },
  iomap_ops: { iomap_begin: ext2_iomap_begin },
  s_op: { evict_inode: ext2_evict_inode },
  f_op: { fsync: ext2_fsync, truncate: ext2_setattr },
  reclaim: {
    kinds: {
      linked: { via: 'prune_icache_sb', frequency: 'common', eras: eraNames, because: 'a clean one is forgotten' },
      lazytime: { via: 'prune_dcache_sb', frequency: 'option', eras: eraNames, because: 'its timestamp is copied' },
      orphan: { via: 'prune_dcache_sb', frequency: 'rare', eras: eraNames, because: 'its blocks are freed' },
    },
  },
  invalidateLock,
  mount: () => null,
  setupInode,
  setupVictim,
  threads: [],
});
