import {
  type Builder,
  defineFilesystem,
  eraNames,
  filemap_fault,
  filemap_map_pages,
  withoutIomap,
} from '@faultpath/mm';
import { type F2fs, f2fs_write_checkpoint } from './checkpoint.ts';
import { f2fsContracts } from './contracts.ts';
import { f2fsDecisions } from './decisions.ts';
import { f2fs_read_data_folio, f2fs_vm_page_mkwrite } from './file.ts';
import { f2fs_do_sync_file } from './fsync.ts';
import { f2fs_evict_inode } from './inode.ts';
import { lockOrder } from './lock-order.ts';
import { f2fs_create, f2fs_mkdir, f2fs_symlink } from './namei.ts';
import { f2fs_setattr } from './truncate.ts';

function mount(builder: Builder, sb: string): F2fs {
  const owner = { object: `sb:${sb}` };
  return {
    cp_rwsem: builder.rwsem('cp_rwsem', `${sb}.cp_rwsem`, { writers: true, nesting: 2, owner }),
    node_change: builder.rwsem('node_change', `${sb}.node_change`, { writers: true, owner }),
  };
}

/** f2fs. It has no DAX; regular files keep FS in their mapping mask, directories lost and regained the rule without it. */
export const f2fs = defineFilesystem({
  name: 'f2fs',
  interfaceVersion: 1,
  locks: {
    cp_rwsem: { kind: 'rwsem', scope: 'superblock' },
    node_change: { kind: 'rwsem', scope: 'superblock' },
  },
  lockOrder,
  contracts: f2fsContracts,
  mappingGfp: null,
  mappingGfpByKind: {
    directory: [
      {
        eras: ['v4.9', 'v4.10', 'v4.12'],
        without: '__GFP_FS|__GFP_MOVABLE',
        at: 'f2fs_mkdir and f2fs_iget',
        because: 'GFP_F2FS_HIGH_ZERO: entries are made inside operations, and reclaim begins operations',
      },
      {
        eras: ['v5.15'],
        without: '__GFP_HIGHMEM|__GFP_MOVABLE',
        at: 'inode_nohighmem in f2fs_mkdir and f2fs_iget',
        because: 'only high memory was to be avoided; FS came back with it, from v4.18 to v5.16',
      },
      {
        eras: ['v6.1', 'v6.12'],
        without: '__GFP_HIGHMEM|__GFP_MOVABLE|__GFP_FS',
        at: 'f2fs_mkdir and f2fs_iget',
        because: 'GFP_NOFS again (92d602bc7177)',
      },
    ],
  },
  supports: { eras: eraNames, dax: false, transactions: true, sync_faults: false, page_cache: true },
  vm_ops: { fault: filemap_fault, page_mkwrite: f2fs_vm_page_mkwrite, map_pages: filemap_map_pages },
  iomap_ops: withoutIomap,
  s_op: { evict_inode: f2fs_evict_inode },
  f_op: { fsync: f2fs_do_sync_file, truncate: f2fs_setattr },
  a_ops: { read_folio: f2fs_read_data_folio },
  i_op: { create: f2fs_create, mkdir: f2fs_mkdir, symlink: f2fs_symlink },
  reclaim: {
    kinds: {
      linked: {
        via: 'prune_icache_sb',
        frequency: 'common',
        eras: eraNames,
        because: 'a clean linked inode is only forgotten',
      },
      lazytime: {
        via: 'prune_dcache_sb',
        frequency: 'option',
        eras: eraNames,
        because: 'the last iput of an inode with a lazy timestamp puts it on a list; no operation begins',
      },
      orphan: {
        via: 'prune_dcache_sb',
        frequency: 'rare',
        eras: eraNames,
        because: 'the last iput of an unlinked inode frees its blocks in operations, even inside one of the task',
      },
    },
  },
  invalidateLock: () => 'invalidate_lock',
  mount,
  threads: [{ name: 'f2fs_ckpt', start: (env, sb) => f2fs_write_checkpoint(env, sb) }],
  decisions: f2fsDecisions,
});
