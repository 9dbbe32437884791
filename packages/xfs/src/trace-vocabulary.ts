import type { NamedLockRule, TraceVocabulary } from '@faultpath/lockdep';

const inodeLocks: NamedLockRule['parts'] = [
  { flag: 'IOLOCK_EXCL', bit: 0x1, lock: 'IOLOCK', mode: 'exclusive', subclass: { shift: 16, mask: 0xf } },
  { flag: 'IOLOCK_SHARED', bit: 0x2, lock: 'IOLOCK', mode: 'shared', subclass: { shift: 16, mask: 0xf } },
  { flag: 'MMAPLOCK_EXCL', bit: 0x10, lock: 'MMAPLOCK', mode: 'exclusive', subclass: { shift: 20, mask: 0xf } },
  { flag: 'MMAPLOCK_SHARED', bit: 0x20, lock: 'MMAPLOCK', mode: 'shared', subclass: { shift: 20, mask: 0xf } },
  { flag: 'ILOCK_EXCL', bit: 0x4, lock: 'ILOCK', mode: 'exclusive', subclass: { shift: 24, mask: 0xff } },
  { flag: 'ILOCK_SHARED', bit: 0x8, lock: 'ILOCK', mode: 'shared', subclass: { shift: 24, mask: 0xff } },
];

const inodeLock = { flags: 'flags', parts: inodeLocks, owner: ['dev', 'ino'] } as const;
const buffer = {
  parts: [{ flag: '', lock: 'xfs_buf', mode: 'exclusive' }],
  owner: ['dev', 'daddr'],
  primitive: 'none',
} as const;

/**
 * XFS in a recording, v5.10 to v7.2. It names its inode locks itself: `xfs_ilock` comes before the rwsem's own probe,
 * `xfs_iunlock` after it.
 */
export const xfsTraceVocabulary: TraceVocabulary = {
  name: 'xfs',
  fs: 'xfs',
  marks: [
    'xfs_filemap_fault',
    'xfs_read_fault',
    'xfs_write_fault',
    'xfs_ilock',
    'xfs_trans_alloc',
    'xfs_iomap_found',
    'xfs_iomap_alloc',
  ],
  locks: {
    IOLOCK: 'rwsem',
    MMAPLOCK: 'rwsem',
    ILOCK: 'rwsem',
    xfs_buf: 'buffer',
    xc_ctx_lock: 'rwsem',
    xfs_trans: 'transaction',
    xfs_log_space: 'log-space',
    sb_internal: 'freeze',
  },
  callers: [
    { caller: 'xlog_cil_commit', lock: 'xc_ctx_lock', kind: 'rwsem' },
    { caller: 'xlog_cil_push_work', lock: 'xc_ctx_lock', kind: 'rwsem' },
    { caller: 'xfs_can_free_eofblocks', lock: 'ILOCK', kind: 'rwsem' },
  ],
  named: [
    {
      event: 'xfs_ilock',
      action: 'acquire',
      primitive: 'follows',
      newObject: ['xfs_iget', 'xfs_init_new_inode'],
      ...inodeLock,
    },
    { event: 'xfs_ilock_nowait', action: 'acquire', trylock: true, primitive: 'follows', ...inodeLock },
    { event: 'xfs_ilock_demote', action: 'downgrade', primitive: 'follows', ...inodeLock },
    { event: 'xfs_iunlock', action: 'release', primitive: 'precedes', ...inodeLock },
    { event: 'xfs_buf_lock', action: 'acquire', ...buffer },
    { event: 'xfs_buf_lock_done', action: 'acquired', ...buffer },
    { event: 'xfs_buf_trylock', action: 'acquired', trylock: true, ...buffer },
    { event: 'xfs_buf_init', action: 'acquired', trylock: true, ...buffer },
    { event: 'xfs_buf_unlock', action: 'release', ...buffer },
  ],
  lockdepClasses: {
    '&xfs_nondir_ilock_class': 'ILOCK',
    '&xfs_dir_ilock_class': 'ILOCK',
    // Before the inode has its kind; the second from 6.9 on.
    '&(&ip->i_lock)->mr_lock': 'ILOCK',
    '&ip->i_lock': 'ILOCK',
    '&cil->xc_ctx_lock': 'xc_ctx_lock',
  },
  scopes: [
    {
      scope: 'transaction',
      lock: 'xfs_trans',
      enter: 'xfs_trans_alloc',
      exit: ['xfs_trans_free'],
      by: 'xfs_trans_alloc',
      instance: ['dev'],
      nofsSince: '4.12',
      handOver: 'xfs_trans_dup',
    },
  ],
  record: {
    events: [
      'xfs/xfs_filemap_fault',
      'xfs/xfs_read_fault',
      'xfs/xfs_write_fault',
      'xfs/xfs_ilock',
      'xfs/xfs_ilock_nowait',
      'xfs/xfs_ilock_demote',
      'xfs/xfs_iunlock',
      'xfs/xfs_trans_alloc',
      'xfs/xfs_trans_dup',
      'xfs/xfs_trans_free',
      'xfs/xfs_buf_init',
      'xfs/xfs_buf_lock',
      'xfs/xfs_buf_lock_done',
      'xfs/xfs_buf_trylock',
      'xfs/xfs_buf_unlock',
      'xfs/xfs_iomap_found',
      'xfs/xfs_iomap_alloc',
      'xfs/xfs_log_grant_sleep',
      'xfs/xfs_log_grant_wake',
    ],
    probes: [],
  },
  invisible: [
    {
      knowledge: 'waits',
      because: 'a wait for log space shows as xfs_log_grant_sleep only when that event was enabled',
      probe: 'xfs:xfs_log_grant_sleep and xfs:xfs_log_grant_wake',
    },
  ],
};
