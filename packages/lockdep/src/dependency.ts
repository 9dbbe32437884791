import type { AllocEvent, LockEvent, LockMode, OwnerFact, ReclaimEvent, ScopeEvent, WaitEvent } from './events.ts';
import type { LockClass } from './lock-class.ts';
import type { TaskContext } from './rule.ts';

/**
 * How a dependency was made, in the letters of the kernel's own theory. First letter: the held lock was held
 * **E**xclusively or **S**hared; second: the wanted lock was wanted by a **N**on-recursive or a **R**ecursive reader.
 * A path on which an `xR` is followed by an `Sx` is weak: the recursive reader is let in, so nobody waits.
 */
export type DependencyType = 'EN' | 'ER' | 'SN' | 'SR';

export function dependencyType(held: LockMode, wanted: LockMode): DependencyType {
  const first = held === 'exclusive' ? 'E' : 'S';
  return `${first}${wanted === 'recursive-shared' ? 'R' : 'N'}`;
}

/** A dependency that was declared rather than seen: an adapter says what its reclaim takes. */
export interface AssumedEdge {
  readonly from: AssumedLock;
  readonly to: AssumedLock;
  /** One sentence: who does this, and where it is known from. */
  readonly because: string;
  /** Kernel functions, innermost first. */
  readonly backtrace?: readonly string[];
}

export interface AssumedLock {
  readonly lock: string;
  readonly subclass?: number;
  readonly mode: LockMode;
  readonly kind: LockEvent['kind'];
  readonly owner?: OwnerFact;
}

/** One lock at one end of a dependency. A pseudo-lock has no instance. */
export interface LockFact {
  readonly class: LockClass;
  readonly mode: LockMode;
  readonly instance?: string;
  readonly owner?: OwnerFact;
  /** The event that took it, where it is a lock and was seen. */
  readonly event?: LockEvent;
}

/** Why the graph has an edge: one task held `from` when it wanted `to`. Copied from the event's context, never changes. */
export interface Evidence {
  readonly task: string;
  /** Every task that did the same with the same locks held, or two of them where the graph is watched; grows while events arrive. */
  readonly tasks: ReadonlySet<string>;
  /** The same done by the second task that did it; not in a closed model. */
  readonly again?: Evidence;
  readonly type: DependencyType;
  readonly from: LockFact;
  readonly to: LockFact;
  /** 1: `from` was the newest thing held. `/proc/lockdep` prints only edges that were seen at distance 1. */
  readonly distance: number;
  /** Everything the task held, oldest first, `from` included. */
  readonly held: readonly LockEvent[];
  readonly scopes: readonly ScopeEvent[];
  readonly reclaim?: NonNullable<TaskContext['reclaim']>;
  readonly event?: LockEvent | AllocEvent | WaitEvent | ReclaimEvent;
  readonly assumed?: AssumedEdge;
  /** Set when the kernel's own lockdep does not make this edge: the reason. */
  readonly beyondKernel?: string;
}

/** Held → wanted, between two classes. */
export interface ClassEdge {
  readonly from: LockClass;
  readonly to: LockClass;
  /** One entry for every distinct way it was seen, the first one first. */
  readonly evidence: readonly Evidence[];
  readonly types: ReadonlySet<DependencyType>;
}
