import type { TraceVocabulary } from '@faultpath/lockdep';

const truncateMutex = ['ext2_get_blocks', 'ext2_iomap_begin', '__ext2_truncate_blocks', 'ext2_discard_reservation'];
const invalidateLock = ['ext2_dax_fault', 'ext2_setsize', 'ext2_setattr', 'ext2_truncate_blocks', 'ext2_evict_inode'];

/**
 * ext2 in a recording, v5.10 to v7.2. Until 6.6 it has no events of its own, and then only some for direct I/O: it is known
 * by its `iomap_ops` in a fault, and by the probe on its handler.
 */
export const ext2TraceVocabulary: TraceVocabulary = {
  name: 'ext2',
  fs: 'ext2',
  marks: ['ext2_dax_fault'],
  locks: {
    truncate_mutex: 'mutex',
    xattr_sem: 'rwsem',
    dax_sem: 'rwsem',
  },
  callers: [
    ...invalidateLock.map((caller) => ({ caller, lock: 'invalidate_lock', kind: 'rwsem' as const })),
    ...truncateMutex.map((caller) => ({ caller, lock: 'truncate_mutex', kind: 'mutex' as const })),
    { caller: 'ext2_xattr_get', lock: 'xattr_sem', kind: 'rwsem' },
    { caller: 'ext2_xattr_set', lock: 'xattr_sem', kind: 'rwsem' },
    { caller: 'ext2_xattr_delete_inode', lock: 'xattr_sem', kind: 'rwsem' },
  ],
  lockdepClasses: {
    '&ei->truncate_mutex': 'truncate_mutex',
    '&ei->dax_sem': 'dax_sem',
    '&ei->xattr_sem': 'xattr_sem',
  },
  record: {
    events: [],
    probes: [{ name: 'ext2_dax_fault', symbol: 'ext2_dax_fault', at: 'entry', fetch: ['vmf:x64'] }],
  },
};
