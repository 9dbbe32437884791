/** The releases whose fault path is modelled. */
export const eraNames = ['v4.9', 'v4.10', 'v4.12', 'v5.15', 'v6.1', 'v6.12'] as const;

export type EraName = (typeof eraNames)[number];

/** One thing that a release does in its own way, and where that was read. */
export interface EraFact<T> {
  readonly is: T;
  /** File and function that shows it. */
  readonly at: string;
}

/** What differs between the modelled releases; a function asks its era instead of being copied. */
export interface Era {
  readonly name: EraName;
  /** The release whose gfp bits and names are used. */
  readonly kernel: string;
  /** `memalloc_nofs_save()` exists. */
  readonly nofsScope: EraFact<boolean>;
  /** An open jbd2 handle is a NOFS scope. */
  readonly jbd2HandleScope: EraFact<boolean>;
  /** The lock that keeps truncate and faults apart belongs to the mapping; before, each filesystem had its own. */
  readonly invalidateLock: EraFact<boolean>;
  /** `__do_fault` allocates a page-table page before it calls the filesystem. */
  readonly preallocPte: EraFact<boolean>;
  /** What a DAX read of a hole maps: a page of the page cache, or the shared zero page. */
  readonly holePage: EraFact<'page-cache' | 'zero-page'>;
  /** A DAX fault locks the entry before it asks the filesystem for blocks. */
  readonly entryBeforeBegin: EraFact<boolean>;
  /** How a DAX fault asks for blocks. */
  readonly daxBlocks: EraFact<'get_block' | 'iomap'>;
  /** How the tree gets its nodes: filled beforehand, or after an attempt without sleeping failed. */
  readonly treeNodes: EraFact<'preload' | 'nomem-retry'>;
  /** Page-table pages are allocated with this mask. */
  readonly pageTableGfp: EraFact<string>;
  /** The page that a fault on a private mapping copies to is allocated with this mask. */
  readonly copiedPageGfp: EraFact<string>;
  /** Where xfs inactivates an inode that reclaim evicts. */
  readonly xfsInactivation: EraFact<'sync' | 'queued'>;
  /** xfs allocates the transaction before it takes freeze protection. */
  readonly transStructBeforeIntwrite: EraFact<boolean>;
  /** xfs marks its transactions by PF_FSTRANS, which only its own allocators look at. */
  readonly pfFstrans: EraFact<boolean>;
  /** An ext4 data-journalled inode waits for the commit at evict even without pages. */
  readonly dataJournalCommitWait: EraFact<boolean>;
  /** The last put of an ext4 quota structure starts a handle in the task that puts it. */
  readonly quotaReleaseInTask: EraFact<boolean>;
  /** An ext4 evict takes freeze protection only where no handle is open; before, always. */
  readonly evictIntwriteWithoutHandle: EraFact<boolean>;
  /** ext4's writepages run under `s_writepages_rwsem` with a NOFS scope. */
  readonly writepagesScope: EraFact<boolean>;
  /** ext4 opens its handle around the DAX fault; in 4.10 only inside iomap_begin. */
  readonly ext4HandleAroundDax: EraFact<boolean>;
  /** ext4 asks for a shared mapping before it treats a fault as a write. */
  readonly ext4WriteNeedsShared: EraFact<boolean>;
  /** ext4's extent status cache falls back to GFP_KERNEL|__GFP_NOFAIL under i_data_sem. */
  readonly esNofailRetry: EraFact<boolean>;
  /** `I_DONTCACHE` exists. */
  readonly dontcache: EraFact<boolean>;
  /** MAP_SYNC exists. */
  readonly mapSync: EraFact<boolean>;
  /** A fault may run under the lock of its VMA. */
  readonly vmaLock: EraFact<boolean>;
  /** The worker of a loop device runs in a NOIO scope. */
  readonly loopWorkerNoio: EraFact<boolean>;
  /** A fault on a huge DAX page reuses `vmf->gfp_mask`, or builds its own. */
  readonly pmdGfp: EraFact<'none' | 'own' | 'vmf'>;
}

type EraRow = {
  readonly [K in keyof Omit<Era, 'name' | 'kernel'>]: readonly [at: string, ...values: readonly Value[]];
};
type Value = boolean | string;

/** One row a fact; one value an era, in the order of `eraNames`. */
const table: EraRow = {
  nofsScope: ['include/linux/sched/mm.h memalloc_nofs_save', false, false, true, true, true, true],
  jbd2HandleScope: ['fs/jbd2/transaction.c start_this_handle', false, false, true, true, true, true],
  invalidateLock: ['include/linux/fs.h filemap_invalidate_lock', false, false, false, true, true, true],
  preallocPte: ['mm/memory.c __do_fault', false, false, false, true, true, true],
  holePage: ['fs/dax.c dax_load_hole', 'page-cache', 'page-cache', 'page-cache', 'zero-page', 'zero-page', 'zero-page'],
  entryBeforeBegin: ['fs/dax.c dax_iomap_pte_fault', true, false, true, true, true, true],
  daxBlocks: ['fs/ext4/file.c ext4_dax_fault', 'get_block', 'iomap', 'iomap', 'iomap', 'iomap', 'iomap'],
  treeNodes: [
    'fs/dax.c grab_mapping_entry',
    'preload',
    'preload',
    'preload',
    'nomem-retry',
    'nomem-retry',
    'nomem-retry',
  ],
  pageTableGfp: [
    'arch/x86/mm/pgtable.c pte_alloc_one',
    'GFP_KERNEL_ACCOUNT|__GFP_NOTRACK|__GFP_ZERO',
    'GFP_KERNEL_ACCOUNT|__GFP_NOTRACK|__GFP_ZERO',
    'GFP_KERNEL_ACCOUNT|__GFP_NOTRACK|__GFP_ZERO',
    'GFP_KERNEL_ACCOUNT|__GFP_ZERO',
    'GFP_KERNEL_ACCOUNT|__GFP_ZERO',
    'GFP_KERNEL_ACCOUNT|__GFP_ZERO',
  ],
  copiedPageGfp: [
    'mm/mempolicy.c vma_alloc_folio',
    'GFP_HIGHUSER_MOVABLE',
    'GFP_HIGHUSER_MOVABLE',
    'GFP_HIGHUSER_MOVABLE',
    'GFP_HIGHUSER_MOVABLE',
    'GFP_HIGHUSER_MOVABLE|__GFP_COMP',
    'GFP_HIGHUSER_MOVABLE|__GFP_COMP',
  ],
  xfsInactivation: ['fs/xfs/xfs_super.c xfs_fs_destroy_inode', 'sync', 'sync', 'sync', 'queued', 'queued', 'queued'],
  transStructBeforeIntwrite: ['fs/xfs/xfs_trans.c xfs_trans_alloc', false, false, false, true, true, true],
  pfFstrans: ['fs/xfs/kmem.h kmem_flags_convert', true, true, false, false, false, false],
  dataJournalCommitWait: ['fs/ext4/inode.c ext4_evict_inode', true, true, true, false, false, false],
  quotaReleaseInTask: ['fs/quota/dquot.c dqput', true, true, true, true, false, false],
  evictIntwriteWithoutHandle: ['fs/ext4/inode.c ext4_evict_inode', false, false, false, true, true, true],
  writepagesScope: ['fs/ext4/ext4.h ext4_writepages_down_read', false, false, false, false, true, true],
  ext4HandleAroundDax: ['fs/ext4/file.c ext4_dax_huge_fault', true, false, true, true, true, true],
  ext4WriteNeedsShared: ['fs/ext4/file.c ext4_dax_huge_fault', false, false, false, true, true, true],
  esNofailRetry: ['fs/ext4/extents_status.c ext4_es_insert_extent', false, false, false, false, true, true],
  dontcache: ['fs/inode.c iput_final', false, false, false, true, true, true],
  mapSync: ['fs/dax.c dax_finish_sync_fault', false, false, false, true, true, true],
  vmaLock: ['mm/memory.c lock_vma_under_rcu', false, false, false, false, false, true],
  loopWorkerNoio: ['drivers/block/loop.c loop_process_work', false, false, false, true, true, true],
  pmdGfp: ['fs/dax.c dax_iomap_pmd_fault', 'none', 'own', 'vmf', 'vmf', 'vmf', 'vmf'],
};

function column(name: EraName, index: number): Era {
  const facts = Object.fromEntries(
    Object.entries(table).map(([key, [at, ...values]]) => [key, Object.freeze({ is: values[index] as Value, at })]),
  );
  return Object.freeze({ name, kernel: name.slice(1), ...facts }) as unknown as Era;
}

/** Every era, by name. */
export const eras: Readonly<Record<EraName, Era>> = Object.freeze(
  Object.fromEntries(eraNames.map((name, index) => [name, column(name, index)])),
) as Readonly<Record<EraName, Era>>;
