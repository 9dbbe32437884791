import type { AssumedEdge } from './dependency.ts';
import type { LockKind, LockMode, ScopeEvent } from './events.ts';

/**
 * How a recording of a real kernel is read: which event or probe takes which lock, opens which scope, or belongs to
 * a fault. Adapters declare one as data; the names are those of ftrace. No vocabulary may assume that all its events
 * were recorded: each entry stands for itself.
 */
export interface TraceVocabulary {
  /** Name of the subsystem, for example `xfs` or `core`. */
  readonly name: string;
  /** Set when faults in which one of `marks` fires belong to this filesystem. */
  readonly fs?: string;
  /** Events that only this filesystem emits. */
  readonly marks?: readonly string[];
  /** Locks that a recording can name, with what they are. */
  readonly locks: Readonly<Record<string, LockKind>>;
  /** Those of them of which every kind of filesystem has its own class: one of xfs and one of ext4 are never the same. */
  readonly ofFilesystems?: readonly string[];
  /** Probes on locking functions; usually only the core's vocabulary has them. */
  readonly primitives?: readonly PrimitiveRule[];
  /** The function that calls a locking function decides the class. */
  readonly callers?: readonly CallerRule[];
  /** Events that name the lock themselves. */
  readonly named?: readonly NamedLockRule[];
  /** lockdep's class names (`lock:lock_acquire`), each with our class. */
  readonly lockdepClasses?: Readonly<Record<string, string>>;
  readonly scopes?: readonly TraceScopeRule[];
  readonly entries?: readonly EntryRule[];
  /** Allocation sites that a recording does not name, seen by what stands around them. */
  readonly sites?: readonly SiteRule[];
  /** Locks and waits that stock recordings cannot show. */
  readonly invisible?: readonly InvisibleRule[];
  /** What this filesystem's reclaim takes or waits for: a recording of one fault doesn't show it. */
  readonly reclaim?: readonly AssumedEdge[];
  /** What to record for all this. */
  readonly record?: RecordRule;
}

/** What a recording script turns on. Whatever a kernel lacks is skipped, and said. */
export interface RecordRule {
  /** Trace events as `group/event`; `group/*` is the whole group. */
  readonly events: readonly string[];
  readonly probes: readonly ProbeRule[];
}

/** A kprobe. */
export interface ProbeRule {
  readonly name: string;
  readonly symbol: string;
  /** `entry`, or `return` (then the arguments are gone). */
  readonly at: 'entry' | 'return';
  /** Fetches of an entry probe, from the first argument on; `-` skips one. A return probe has `ret`. */
  readonly fetch: readonly string[];
  /** Also fetch the caller's symbol. */
  readonly caller?: boolean;
}

/** A probe on a locking function, with the lock's address as a fetch. */
export interface PrimitiveRule {
  readonly event: string;
  /**
   * `take`: entry of a function that returns holding the lock. `taken`: return of a trylock, which says with `result`
   * whether it holds. `drop`: entry of an unlock. `downgrade`: exclusive becomes shared.
   */
  readonly action: 'take' | 'taken' | 'drop' | 'downgrade';
  readonly mode: LockMode;
  readonly kind: LockKind;
  /** Field with the address; a `taken` has none and takes it from the entry probe `entry`. */
  readonly instance?: string;
  /** Field with the caller's symbol. */
  readonly caller?: string;
  readonly entry?: string;
  /** Field that is non-zero when a trylock succeeded. */
  readonly result?: string;
}

/** The caller of a locking function tells the class. `caller` is a function name without offset. */
export interface CallerRule {
  readonly caller: string;
  readonly lock: string;
  /** Only for locks of this kind; a function may take a mutex and an rwsem. */
  readonly kind?: LockKind;
  readonly mode?: LockMode;
  /** Only when the task already holds this class; says which of several locks a function takes. */
  readonly holding?: string;
  /** lockdep's nesting subclass, where the caller always takes that one. */
  readonly subclass?: number;
}

/** One lock of a flags field. */
export interface NamedLockPart {
  readonly flag: string;
  /** The flag as a number, for recorders that don't print names. */
  readonly bit?: number;
  readonly lock: string;
  readonly mode: LockMode;
  /** Where the field's remaining number has lockdep's subclass: `(number >> shift) & mask`. */
  readonly subclass?: { readonly shift: number; readonly mask: number };
}

/** One or more locks spelled in a flags field, such as `ILOCK_EXCL|MMAPLOCK_SHARED`. */
export interface NamedLockRule {
  readonly event: string;
  readonly action: 'acquire' | 'acquired' | 'contended' | 'release' | 'downgrade';
  /** Field with the `|`-joined names; absent when the event means one lock. */
  readonly flags?: string;
  readonly parts: readonly NamedLockPart[];
  /** Fields that together are the object, for example `dev` and `ino`. */
  readonly owner: readonly string[];
  readonly trylock?: boolean;
  /** Callers that lock an object nobody else can know yet: the lock can't make them wait. */
  readonly newObject?: readonly string[];
  /**
   * The probe on the locking function fires as well, after (`acquire`) or before (`release`) this event: one lock,
   * seen twice, counted once.
   */
  readonly primitive: 'follows' | 'precedes' | 'none';
}

/** A scope of the task, such as a journal handle. */
export interface TraceScopeRule {
  readonly scope: ScopeEvent['scope'];
  /** The lock-like object a scope stands for, if any, such as `jbd2_handle`. */
  readonly lock?: string;
  readonly enter: string;
  readonly exit: readonly string[];
  /** Event before `enter` that names who asks; when no `enter` follows it, the start was nested and means nothing. */
  readonly request?: readonly string[];
  /** Function that opens the scope in the kernel. */
  readonly by: string;
  /** Field of `enter` and `exit` that identifies the object. */
  readonly instance: readonly string[];
  /** First release in which the scope clears `__GFP_FS` by itself; absent when it never does. */
  readonly nofsSince?: string;
  /** The scope is left by `exit` unless it was handed on by this event (a rolled transaction). */
  readonly handOver?: string;
}

/** An event or probe which tells that the task entered or left something inside a fault. */
export interface EntryRule {
  readonly event: string;
  readonly what:
    | 'fault-begin'
    | 'fault-handler'
    | 'fault-return'
    | 'dax-begin'
    | 'dax-end'
    | 'dax-grab'
    | 'dax-grabbed'
    | 'dax-mapping'
    | 'dax-mapped'
    | 'dax-sync-map'
    | 'dax-sync-mapped'
    | 'mkwrite'
    | 'page-cache'
    | 'reclaim-begin'
    | 'reclaim-end'
    | 'evict';
  /** `pte` or `pmd` for DAX, the route for reclaim. */
  readonly detail?: string;
}

/** Names the site of an allocation that an event does not name. First match wins. */
export interface SiteRule {
  readonly site: string;
  readonly event: string;
  /** The mask contains all of these, in the kernel's spelling. */
  readonly mask: readonly string[];
  readonly order?: number;
  readonly when: 'in-fault' | 'in-dax-mapping' | 'in-page-cache';
}

/** What a stock recording leaves out, and the probe that would tell. */
export interface InvisibleRule {
  readonly knowledge: 'freeze' | 'locks' | 'waits' | 'mapping-mask' | 'mask-stores';
  readonly because: string;
  readonly probe: string;
}
