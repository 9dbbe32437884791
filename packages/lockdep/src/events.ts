/**
 * The one vocabulary of events: a model, a recording and a splat all speak it, and every rule reads
 * nothing else. An event is plain data and never changes after it was made.
 */

/** Where a person can look the event up. Which fields are set depends on the source. */
export interface Where {
  /** File name of a recording, as the user gave it. */
  readonly file?: string;
  /** 1-based line of a text recording. */
  readonly line?: number;
  /** 0-based record number of a binary recording. */
  readonly record?: number;
  /** Seconds as printed by the recording; a string, because no precision may be lost. */
  readonly timestamp?: string;
  readonly cpu?: number;
  /** Step number in a model's schedule, 0-based. */
  readonly step?: number;
}

/** How a mask is known. `derived`: computed from the requested mask and the scopes in force. */
export type MaskSource = 'recorded' | 'derived' | 'unknown';

/** A gfp mask in one event, together with how it is known and what it permits. */
export interface MaskFact {
  readonly how: MaskSource;
  /** The kernel's own spelling, for example `GFP_NOFS|__GFP_ZERO`; absent when unknown. */
  readonly text?: string;
  /** `__GFP_FS` is set. */
  readonly fs?: boolean;
  /** `__GFP_IO` is set. */
  readonly io?: boolean;
  /** `__GFP_DIRECT_RECLAIM` is set: the caller may sleep. */
  readonly directReclaim?: boolean;
  /** `__GFP_NOLOCKDEP` is set. */
  readonly nolockdep?: boolean;
}

/** What kind of thing a lock class is. Only the first five are locks to the kernel's lockdep. */
export type LockKind =
  | 'rwsem'
  | 'percpu-rwsem'
  | 'mutex'
  | 'spinlock'
  | 'rwlock'
  | 'pseudo'
  | 'folio'
  | 'dax-entry'
  | 'buffer'
  | 'handle'
  | 'commit'
  | 'transaction'
  | 'log-space'
  | 'freeze'
  | 'writeback'
  | 'completion'
  | 'unknown';

export type LockMode = 'exclusive' | 'shared' | 'recursive-shared';

interface EventBase {
  /** Task: a thread of the model, or `comm-pid` of a recording. */
  readonly task: string;
  readonly where?: Where;
  /** Kernel functions, innermost first. */
  readonly backtrace?: readonly string[];
}

/**
 * One step in the life of a lock. `acquire` is the intent, `contended` says that the task sleeps, `acquired` that
 * it has the lock; a source that only knows one moment sends `acquired`.
 */
export interface LockEvent extends EventBase {
  readonly type: 'lock';
  readonly action: 'acquire' | 'contended' | 'acquired' | 'release';
  /** Lock class, in the kernel's spelling where it has one: `mmap_lock`, `jbd2_handle`. */
  readonly lock: string;
  /** lockdep nesting subclass; 0 when absent. */
  readonly subclass?: number;
  /** Instance inside the class: an address, or a model object's name. */
  readonly instance: string;
  readonly mode: LockMode;
  readonly kind: LockKind;
  /** Taken with a trylock: it cannot wait. */
  readonly trylock?: boolean;
  /** The object that the lock belongs to, such as an inode, when known. */
  readonly owner?: OwnerFact;
  /** Kind of filesystem whose lock it is, when known: classes of one name are two where two kinds of filesystems have them. */
  readonly filesystem?: string;
  /** The source promises that whoever holds it waits for nobody: exploration may then take its section for one step. */
  readonly leaf?: true;
}

/** What is known of the object behind a lock instance; the feasibility filters use it. */
export interface OwnerFact {
  /** For example `inode:0x83`. */
  readonly object: string;
  /** For example `sb:259:0`. */
  readonly superblock?: string;
  /** `i_count > 0`: reclaim never evicts it. */
  readonly referenced?: boolean;
}

/** One allocation attempt, at the site that made it. */
export interface AllocEvent extends EventBase {
  readonly type: 'alloc';
  /** Kernel function that allocates, for example `pte_alloc_one`. */
  readonly site: string;
  readonly requested: MaskFact;
  readonly effective: MaskFact;
  readonly order?: number;
  /** The allocation is charged to a memory cgroup, so its reclaim may start without memory being short. */
  readonly charged?: boolean;
  /** `mapping_gfp_mask()` of the mapping the allocation is for, where there is one and the source knows it. */
  readonly mapping?: MaskFact;
}

/** A task scope opens or closes. `transaction` and `handle` are scopes only where the era says so. */
export interface ScopeEvent extends EventBase {
  readonly type: 'scope';
  readonly action: 'enter' | 'exit';
  readonly scope: 'NOFS' | 'NOIO' | 'MEMALLOC' | 'transaction' | 'handle';
  /** Who opened it, for example `start_this_handle`. */
  readonly by: string;
}

/** The task enters or leaves reclaim. */
export interface ReclaimEvent extends EventBase {
  readonly type: 'reclaim';
  readonly action: 'enter' | 'exit';
  readonly via: 'direct' | 'memcg' | 'kswapd' | 'drop_caches' | 'shrinker';
  /** Effective mask of the allocation that entered it. */
  readonly effective: MaskFact;
}

/** A page fault begins or ends. */
export interface FaultEvent extends EventBase {
  readonly type: 'fault';
  readonly action: 'enter' | 'exit';
  /** `read`, `write`, `cow`, `mkwrite`; `unknown` when the recording does not say. */
  readonly access: 'read' | 'write' | 'cow' | 'mkwrite' | 'unknown';
  /** `VM_FAULT_*` names, on exit. */
  readonly ret?: readonly string[];
  readonly detail?: string;
}

/** A wait that is no lock, or its end. `wake` says who ends somebody's wait. */
export interface WaitEvent extends EventBase {
  readonly type: 'wait' | 'wake';
  readonly lock: string;
  readonly instance: string;
  readonly kind: LockKind;
}

/** A mask stored into, or restored in, `vmf->gfp_mask`. */
export interface MaskStoreEvent extends EventBase {
  readonly type: 'mask-store';
  readonly cell: string;
  readonly from: MaskFact;
  readonly to: MaskFact;
  /** Function that stores. */
  readonly by: string;
}

/** The task is inside a kernel function: a probe in it, or a step of a model that is no other event. */
export interface CallEvent extends EventBase {
  readonly type: 'call';
  readonly fn: string;
}

/** Data that several tasks share is read or changed. */
export interface DataEvent extends EventBase {
  readonly type: 'data';
  readonly action: 'read' | 'change';
  /** What kind of data, such as `mapped`: where the blocks of a file are. */
  readonly data: string;
  /** Begins with the name of the object that it belongs to, as in {@link OwnerFact}. */
  readonly instance: string;
}

/** The source lost events here: what was held or open is not known any more. */
export interface LostEvent extends EventBase {
  readonly type: 'lost';
  readonly count?: number;
}

export type FaultpathEvent =
  | LockEvent
  | AllocEvent
  | ScopeEvent
  | ReclaimEvent
  | FaultEvent
  | WaitEvent
  | MaskStoreEvent
  | CallEvent
  | DataEvent
  | LostEvent;
