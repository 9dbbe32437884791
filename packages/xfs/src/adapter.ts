import { type Builder, defineFilesystem, type EraName, eraNames, type Filesystem } from '@faultpath/mm';
import { xfsContracts } from './contracts.ts';
import { decisions as asReleased, ilockIsLeaf, type XfsDecisions } from './decisions.ts';
import { fromV515, untilV412 } from './era.ts';
import { xfs_file_fsync, xfs_filemap_fault, xfs_filemap_huge_fault, xfs_filemap_map_pages } from './file.ts';
import { xfs_fs_dirty_inode, xfs_vn_update_time } from './inode.ts';
import { hasWorker, xfs_inodegc_worker } from './inodegc.ts';
import { xfs_iomap_begin } from './iomap.ts';
import { lockOrder } from './lock-order.ts';
import { hasAil, xfsaild } from './log.ts';
import { createMount, createVictim, type XfsInode } from './mount.ts';
import {
  destroy_inode,
  xfs_fs_free_cached_objects,
  xfs_fs_sync_fs,
  xfs_fs_unfreeze,
  xfs_qm_shrink_scan,
} from './super.ts';
import { xfs_setattr_size } from './truncate.ts';

const kinds = {
  linked: {
    via: 'prune_icache_sb',
    frequency: 'common',
    eras: eraNames,
    because: 'a clean linked inode is only forgotten',
  },
  eofblocks: {
    via: 'prune_icache_sb',
    frequency: 'common',
    eras: eraNames,
    because: 'blocks allocated beyond the end are freed in a transaction: in the task up to v4.12, then by a worker',
  },
  cow: {
    via: 'prune_icache_sb',
    frequency: 'option',
    eras: eraNames,
    because: 'with reflink, blocks to copy into are freed in a transaction: in the task up to v4.12, then by a worker',
  },
  orphan: {
    via: 'prune_dcache_sb',
    frequency: 'rare',
    eras: eraNames,
    because:
      'the last iput of an unlinked inode frees it in two transactions: in the task up to v4.12, then by a worker',
  },
  lazytime: {
    via: 'prune_dcache_sb',
    frequency: 'option',
    eras: fromV515,
    because: 'the last iput of an inode with a lazy timestamp logs it, in a transaction of the reclaiming task',
  },
  dquot: {
    via: 'shrinker',
    frequency: 'option',
    eras: eraNames,
    because: 'a dirty quota structure is written, which waits for the log and for I/O',
  },
} as const satisfies Filesystem['reclaim']['kinds'];

/**
 * xfs, mounted for DAX, with some of its decisions turned round: a twin to hold against the real one.
 * `wholeLog` models ILOCKs and the AIL step by step also where nothing can wait inside an ILOCK. That makes no
 * difference but in size, which can be tried.
 */
export function xfsWith(turned: Partial<XfsDecisions>, { wholeLog = false } = {}): Filesystem {
  const decisions: XfsDecisions = { ...asReleased, ...turned };
  const whole = wholeLog || !ilockIsLeaf(decisions);
  const files = new WeakMap<Builder, Map<string, XfsInode>>();
  return defineFilesystem({
    name: 'xfs',
    interfaceVersion: 1,
    locks: {
      MMAPLOCK: { kind: 'rwsem', scope: 'inode' },
      xfs_log_space: { kind: 'log-space', scope: 'superblock' },
      ILOCK: { kind: 'rwsem', scope: 'inode' },
      pag_ici_reclaim_lock: { kind: 'mutex', scope: 'superblock', eras: untilV412 },
      xfs_inodegc: { kind: 'completion', scope: 'superblock', eras: fromV515 },
      xfs_log_force: { kind: 'completion', scope: 'superblock' },
    },
    lockOrder,
    contracts: xfsContracts,
    mappingGfp: {
      without: '__GFP_FS',
      at: 'fs/xfs/xfs_iops.c xfs_setup_inode',
      because: 'the page cache of any inode is also filled under locks, and must not come back into xfs by reclaim',
    },
    supports: { eras: eraNames, dax: true, transactions: true, sync_faults: true },
    vm_ops: { fault: xfs_filemap_fault, huge_fault: xfs_filemap_huge_fault, map_pages: xfs_filemap_map_pages },
    iomap_ops: { iomap_begin: xfs_iomap_begin },
    s_op: {
      dirty_inode: xfs_fs_dirty_inode,
      update_time: xfs_vn_update_time,
      evict_inode: destroy_inode,
      free_cached_objects: xfs_fs_free_cached_objects,
      shrink: xfs_qm_shrink_scan,
      sync_fs: xfs_fs_sync_fs,
      unfreeze_fs: xfs_fs_unfreeze,
    },
    f_op: { fsync: xfs_file_fsync, truncate: xfs_setattr_size },
    reclaim: { kinds },
    invalidateLock: (_era: EraName) => 'MMAPLOCK',
    mount: (builder, sb) => {
      const mount = createMount(builder, sb, whole);
      const known = files.get(builder) ?? new Map<string, XfsInode>();
      for (const file of mount.files) known.set(file.name, file);
      files.set(builder, known);
      return mount;
    },
    setupInode: (builder, inode) => files.get(builder)?.get(inode),
    setupVictim: (builder, victim) => createVictim(builder, victim),
    threads: [
      { name: 'xfsaild', start: (env, sb) => xfsaild(env, sb), needed: (_env, sb) => hasAil(sb) },
      { name: 'xfs-inodegc', start: (env, sb) => xfs_inodegc_worker(env, sb), needed: hasWorker },
    ],
    decisions: { ...decisions },
  });
}

/** xfs, mounted for DAX. It declares its mapping mask, and its open transactions are the scope. */
export const xfs = xfsWith({});
