import type { LockKind, ScopeEvent } from './events.ts';

/**
 * How a recording and a model are made comparable, as data with a reason for each row. Whatever no row names is
 * compared: a lock that the model does not know, or an allocation that it does not make, refuses the recording.
 */
export interface ValidationVocabulary {
  /** Name of the subsystem, as in its trace vocabulary. */
  readonly name: string;
  /** Set where the rows hold in faults of this filesystem only. */
  readonly fs?: string;
  /** What a recording shows and the comparison leaves out. First match wins. */
  readonly away: readonly AwayRule[];
  /** What reclaim inside a fault shows beside that, and the comparison leaves out. */
  readonly inReclaim?: readonly AwayRule[];
  /** What the model does and a recording cannot show. */
  readonly unseen: readonly UnseenRule[];
  /** Locks that a recording may name otherwise, by who takes them, each with the model's name; a lock without a row is itself. */
  readonly locks?: Readonly<Record<string, string>>;
  /**
   * Sites inside a scope whose record stands behind them, each with the reason: what the scope makes of their mask is not
   * compared, unless the event itself printed it.
   */
  readonly early?: Readonly<Record<string, string>>;
  /** Sites at which a slab asks for memory of its own, for the object whose allocation follows. */
  readonly slab?: readonly string[];
  /** Sites as a recording names them, each with the model's sites that it may be; a site without a row is itself. */
  readonly sites?: Readonly<Record<string, readonly string[]>>;
}

/** One class of recorded events that is left out. Every field that is there must match. */
export type AwayRule =
  | { readonly what: 'lock'; readonly lock?: string; readonly kind?: LockKind; readonly because: string }
  | { readonly what: 'scope'; readonly scope: ScopeEvent['scope']; readonly by?: string; readonly because: string }
  /** Allocations that cannot sleep, by their effective mask. */
  | { readonly what: 'alloc'; readonly sleeps: false; readonly because: string };

/** One class of the model's events that leaves no record. */
export type UnseenRule =
  | {
      readonly what: 'lock';
      readonly lock: string;
      /** `stock`: recordings with lockdep do show it. */
      readonly on: 'stock' | 'every kernel';
      readonly because: string;
    }
  | {
      readonly what: 'scope';
      readonly scope: ScopeEvent['scope'];
      readonly on: 'stock' | 'every kernel';
      readonly because: string;
    };
