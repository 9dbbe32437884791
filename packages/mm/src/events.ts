import { note, type Op } from '@faultpath/engine';
import type { FaultpathEvent, LockEvent, LockKind, LockMode, OwnerFact } from '@faultpath/lockdep';

type WithoutTask<E> = E extends unknown ? Omit<E, 'task'> : never;

/** An event as a model carries it: whoever runs the model knows the task, and where it stood. */
export type ModelEvent = WithoutTask<FaultpathEvent>;

/** What a lock is to the rules: its class, its instance and what it belongs to. */
export interface LockIdentity {
  /** Lock class in kernel spelling. */
  readonly lock: string;
  readonly instance: string;
  readonly kind: LockKind;
  readonly subclass?: number;
  readonly owner?: OwnerFact;
  /** See {@link LockEvent.leaf}. */
  readonly leaf?: true;
}

/** The event of taking or releasing a lock. */
export function lockEvent(
  identity: LockIdentity,
  action: LockEvent['action'],
  mode: LockMode,
  trylock = false,
): ModelEvent {
  const event: Omit<LockEvent, 'task'> = {
    type: 'lock',
    action,
    ...identity,
    mode,
    ...(trylock ? { trylock: true } : {}),
  };
  return Object.freeze(event);
}

/**
 * A lock that nobody in a model waits for, or waits with: it is told, and is no object that the search knows. For detail
 * that recordings show.
 */
export function toldLock(identity: LockIdentity, action: 'acquired' | 'release', mode: LockMode): Op {
  return note(`${action} ${identity.lock}`, lockEvent(identity, action, mode));
}

/** Data is changed that is no cell of the model, because nobody looks at it: contracts may still say what protects it. */
export function changes(data: string, instance: string): Op {
  const event: ModelEvent = { type: 'data', action: 'change', data, instance };
  return note(`change ${data} of ${instance}`, Object.freeze(event));
}
