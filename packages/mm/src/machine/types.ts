import type { Cell, KernelFunction, LocalCell, SyncObject, WaitQueue } from '@faultpath/engine';
import type { Masks } from '../alloc/masks.ts';
import type { CoreChange } from '../changes.ts';
import type { Era } from '../era.ts';
import type { Filesystem, InodeKind } from '../filesystem.ts';
import type { FreezeLevel } from '../locks/freeze.ts';
import type { Rwsem } from '../locks/rwsem.ts';
import type { Policy } from '../policy.ts';

/** Fields of the running task that a modelled function reads or writes. Nobody else can see them. */
export interface Current {
  /** The task reclaims: its own allocations take from the reserves and never reclaim. */
  readonly PF_MEMALLOC: LocalCell;
  /** A NOFS scope is open. */
  readonly PF_MEMALLOC_NOFS: LocalCell;
  /** A NOIO scope is open. */
  readonly PF_MEMALLOC_NOIO: LocalCell;
  /** 0, or the `journal` number of the superblock whose handle or transaction is open. */
  readonly journal_info: LocalCell;
  /** References to the open handle; more than one when starts are nested. */
  readonly h_ref: LocalCell;
  /** xfs marked its transactions so before there were scopes; only its own allocators look at it. */
  readonly PF_FSTRANS: LocalCell;
  /** PF_MEMALLOC_NOFS as it was before the open handle or transaction began its scope. */
  readonly saved_nofs: LocalCell;
  /** `vmf->gfp_mask` as an index in {@link Machine.vmfMasks}. */
  readonly vmf_gfp_mask: LocalCell;
}

/** What may be explored; a verdict holds within it. */
export interface Bounds {
  /** Threads of the model, daemons included: bounds of all counters. */
  readonly tasks: number;
  /** An allocation without sleep may fail, so that the caller's second attempt is explored. */
  readonly allocationFailure: boolean;
  /** Absent in exploration. */
  readonly detail?: Detail;
}

/**
 * What a recording of one fault may show beside what exploration needs: levels of the page table, attempts with huge
 * pages, fault-around, blocks looked up in a cache, what the block allocator has to read first. Each is a choice, so every
 * fault without it is still among the model's.
 */
export interface Detail {
  /**
   * The kernel has lockdep: the spinlock of a page-table page is allocated beside it, and waiting for a commit or for a
   * workqueue is told as taking a lock.
   */
  readonly lockdep: boolean;
  /** What a filesystem asks for to allocate a block, where its adapter leaves that out. */
  readonly newBlocks?: KernelFunction<[Machine], number>;
}

/** Everything a modelled function may look up: configuration, masks, the task's fields, the inodes reclaim may take. */
export interface Machine {
  readonly era: Era;
  readonly policy: Policy;
  readonly bounds: Bounds;
  /** Changes to the core that the case tries. */
  readonly changes: readonly CoreChange[];
  readonly masks: Masks;
  /** The values that `vmf->gfp_mask` can have. */
  readonly vmfMasks: readonly number[];
  readonly current: Current;
  readonly victims: readonly Victim[];
  /** Every regular file that tasks use, for threads that visit them all. */
  readonly files: readonly Inode[];
  /** Absent where nobody of this model is throttled. */
  readonly pfmemalloc?: Pfmemalloc;
}

/** Memory so low that whoever may enter filesystems has to wait for kswapd. */
export interface Pfmemalloc {
  /** 1 while kswapd is in a round. */
  readonly busy: Cell;
  /** What they wait for: held by kswapd while it works. */
  readonly wait: SyncObject;
}

/** A mounted filesystem. */
export interface SuperBlock {
  readonly name: string;
  readonly fs: Filesystem;
  /** Value of `journal_info` while one of its handles or transactions is open; from 1. */
  readonly journal: number;
  readonly s_umount: Rwsem;
  readonly s_writers: Readonly<Record<FreezeLevel, Rwsem>>;
  readonly mount: MountOptions;
  /** The loop device that it is on; absent for a disk, whose I/O only takes time. */
  readonly s_bdev?: LoopDevice;
  /** What the filesystem's `mount` made; only the filesystem looks into it. */
  readonly s_fs_info: unknown;
}

/** A loop device: block I/O on it is file I/O of its worker on another filesystem. */
export interface LoopDevice {
  readonly name: string;
  /** What whoever has submitted I/O waits for: held by the worker while it works. */
  readonly io: SyncObject;
  /** Tasks that submitted a request, and have not gone on yet. */
  readonly waiting: Cell;
  /** 1 from when a request is done until one of them goes on; the worker begins no other before. */
  readonly done: Cell;
  /** The file below. Its mapping mask is what the driver made of it. */
  readonly lo_backing_file: Inode;
  /** The file is written with direct I/O, past the page cache. */
  readonly use_dio: boolean;
}

/** Mount options that matter to the modelled paths. */
export interface MountOptions {
  /** Timestamps stay in memory until something else writes the inode. */
  readonly lazytime: boolean;
  /** Timestamps are due at a write fault; false where the inode has the current time already. */
  readonly stale_times: boolean;
}

/** A file that tasks use: it is referenced, so reclaim never evicts it. */
export interface Inode {
  readonly name: string;
  readonly kind: InodeKind;
  readonly i_sb: SuperBlock;
  readonly i_mapping: AddressSpace;
  readonly i_rwsem: Rwsem;
  /** What the filesystem's `setupInode` made, or the core in its place. */
  readonly i_private: unknown;
}

/** The mapping of a file. */
export interface AddressSpace {
  /** `mapping_gfp_mask()` as the filesystem left it at inode setup. */
  readonly gfp_mask: number;
  /** `invalidate_lock`, or what the filesystem had in its place before v5.15. */
  readonly invalidate_lock: Rwsem;
  readonly i_pages: readonly PageSlot[];
}

/** Values of {@link PageSlot.entry}. */
export const ENTRY_ABSENT = 0;
export const ENTRY_PRESENT = 1;
export const ENTRY_LOCKED = 2;
/** A page of the page cache: for a DAX file it stands for a hole, up to v4.12. */
export const HOLE_PAGE = 3;
export const HOLE_PAGE_LOCKED = 4;
/** A huge entry without blocks: empty, or the huge zero page. A fault on one page replaces it. */
export const PMD_HOLE = 5;
/** A huge entry over blocks. A fault on one page uses it as it is. */
export const PMD_BLOCK = 6;
export const PMD_LOCKED = 7;

/** One index of the page tree, with the wait queue of its DAX entry. Where faults are huge it stands for 2 MiB. */
export interface PageSlot {
  readonly index: number;
  /** A page of the page cache may stand here for a hole. */
  readonly holePages: boolean;
  /** A huge entry may stand here. */
  readonly hugeEntries: boolean;
  readonly entry: Cell;
  /** The DAX entry lock. */
  readonly entryLock: SyncObject;
  readonly entryQueue: WaitQueue;
  /** The lock of the hole page. */
  readonly pageLock: SyncObject;
  /** 1 when the file has a block here. */
  readonly mapped: Cell;
  /** 1 while the page has changes that are not written; only where the file is in the page cache. */
  readonly dirty?: Cell;
  readonly owner: string;
}

/** `struct vm_fault`, without what is task-local. */
export interface VmFault {
  /** The same fault on one page, for a huge one that cannot be had. */
  readonly fallback?: VmFault;
  readonly size: 'pte' | 'pmd' | 'pud';
  /** The same fault as other functions on its way see it; only where {@link Bounds.detail} is asked for. */
  readonly walk?: FaultWalk;
  /** Which attempt at the fault it is; the first under mmap_lock when absent. Only beside {@link walk}. */
  readonly attempt?: FaultAttempt;
  readonly inode: Inode;
  readonly slot: PageSlot;
  readonly write: boolean;
  readonly shared: boolean;
  /** VM_SYNC: metadata must be durable before the page is mapped writable. */
  readonly sync: boolean;
  /** No page-table page is there yet. */
  readonly pmd_none: boolean;
  /** The page is mapped already, and not writable. */
  readonly readOnly: boolean;
  readonly mmap_lock: Rwsem;
}

/**
 * An attempt that is not the first under mmap_lock: one under the lock of the VMA alone, or one after mmap_lock was let go,
 * which must not be let go again.
 */
export type FaultAttempt = 'vma' | 'tried';

/** One fault by size, and on one page by whether the page table has a lowest-level page. */
export interface FaultWalk {
  readonly pud: VmFault;
  readonly pmd: VmFault;
  readonly missing: VmFault;
  readonly present: VmFault;
  /** What an earlier attempt has found of the page table; nothing when absent. */
  readonly table?: 'missing' | 'present';
  /** The attempts that may follow; none after the last. */
  readonly again?: FaultAgain;
}

/** The fault made again, by the attempt and by whether the page table has a lowest-level page. */
export interface FaultAgain {
  /** Before all others, without mmap_lock; absent in what follows it. */
  readonly vma?: VmFault;
  readonly first: Readonly<Record<'missing' | 'present', VmFault>>;
  readonly tried: Readonly<Record<'missing' | 'present', VmFault>>;
}

/** How reclaim reaches an inode: over its last dentry, over the LRU of unused inodes, or by the filesystem's own shrinker. */
export type ReclaimPath = 'prune_dcache_sb' | 'prune_icache_sb' | 'shrinker';

/** Unreferenced inodes of one kind that reclaim may take. */
export interface Victim {
  readonly name: string;
  readonly kind: string;
  readonly via: ReclaimPath;
  readonly i_sb: SuperBlock;
  /** 1 until a task takes it; absent where reclaim finds as many as it wants. */
  readonly unused?: Cell;
  readonly state: VictimState;
  /** Of the dying inode; nobody else has it. */
  readonly i_private: unknown;
}

/** What the inode is like, as far as its end depends on it. */
export interface VictimState {
  /** `i_nlink == 0`: its blocks are freed when it goes. */
  readonly unlinked: boolean;
  /** I_DIRTY_TIME: a timestamp is only in memory. */
  readonly dirtyTime: boolean;
  /** I_DONTCACHE and dirty: written and evicted with its last reference. */
  readonly dontcacheDirty: boolean;
  /** Its data goes through the journal. */
  readonly journalledData: boolean;
  /** It has the last reference to a quota structure. */
  readonly lastQuota: boolean;
  /** It has blocks beyond the end of file, to be freed when it goes. */
  readonly eofBlocks: boolean;
}
