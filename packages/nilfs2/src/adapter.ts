import {
  type Builder,
  defineFilesystem,
  eraNames,
  filemap_fault,
  filemap_map_pages,
  withoutIomap,
} from '@faultpath/mm';
import { nilfs2Contracts } from './contracts.ts';
import { nilfs2Decisions } from './decisions.ts';
import { nilfs_get_block, nilfs_page_mkwrite, nilfs_read_folio } from './file.ts';
import { nilfs_sync_file } from './fsync.ts';
import { nilfs_dirty_inode, nilfs_evict_inode } from './inode.ts';
import { lockOrder } from './lock-order.ts';
import { nilfs_create, nilfs_mkdir, nilfs_symlink } from './namei.ts';
import { nilfs_segctor_thread } from './segment.ts';
import type { Nilfs2 } from './transaction.ts';
import { nilfs_setattr } from './truncate.ts';

function mount(builder: Builder, sb: string): Nilfs2 {
  return {
    ns_segctor_sem: builder.rwsem('ns_segctor_sem', `${sb}.ns_segctor_sem`, {
      writers: true,
      // Where a twin takes nesting away, a task takes it again in its own reclaim.
      nesting: 2,
      owner: { object: `sb:${sb}` },
    }),
  };
}

/** nilfs2. It has no DAX; every inode's mapping mask is without FS, but for the symbolic link that missed it. */
export const nilfs2 = defineFilesystem({
  name: 'nilfs2',
  interfaceVersion: 1,
  locks: {
    ns_segctor_sem: { kind: 'rwsem', scope: 'superblock' },
  },
  lockOrder,
  contracts: nilfs2Contracts,
  mappingGfp: {
    without: '__GFP_FS',
    at: 'nilfs_set_inode_flags and nilfs_new_inode',
    because: 'pages are allocated inside transactions, and reclaim begins transactions',
  },
  mappingGfpByKind: {
    symlink: [
      {
        eras: ['v4.9', 'v4.10', 'v4.12', 'v5.15'],
        without: '__GFP_HIGHMEM|__GFP_MOVABLE',
        at: 'inode_nohighmem in nilfs_symlink',
        because:
          'the page must not be in high memory; the mask is set anew, and FS is back (21fc61c73c39, from v4.5 on)',
      },
      {
        eras: ['v6.1', 'v6.12'],
        without: '__GFP_HIGHMEM|__GFP_MOVABLE|__GFP_FS',
        at: 'nilfs_symlink',
        because: 'FS is taken out again after inode_nohighmem (b3a033e3ecd3, in v6.1.116 and v6.12)',
      },
    ],
  },
  supports: { eras: eraNames, dax: false, transactions: true, sync_faults: false, page_cache: true },
  vm_ops: { fault: filemap_fault, page_mkwrite: nilfs_page_mkwrite, map_pages: filemap_map_pages },
  iomap_ops: withoutIomap,
  s_op: { dirty_inode: nilfs_dirty_inode, evict_inode: nilfs_evict_inode },
  f_op: { fsync: nilfs_sync_file, truncate: nilfs_setattr },
  a_ops: { read_folio: nilfs_read_folio, get_block: nilfs_get_block },
  i_op: { create: nilfs_create, mkdir: nilfs_mkdir, symlink: nilfs_symlink },
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
        because: 'the last iput of an inode with a lazy timestamp marks it dirty, which begins a transaction',
      },
      orphan: {
        via: 'prune_dcache_sb',
        frequency: 'rare',
        eras: eraNames,
        because: 'the last iput of an unlinked inode frees its blocks in a transaction; in one of the task it nests',
      },
    },
  },
  invalidateLock: () => 'invalidate_lock',
  mount,
  threads: [{ name: 'segctord', start: (env, sb) => nilfs_segctor_thread(env, sb) }],
  decisions: nilfs2Decisions,
});
