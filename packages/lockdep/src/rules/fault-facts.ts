import type { LockEvent, ScopeEvent } from '../events.ts';

/** Locks that the fault handler's caller holds and that the handler may drop only by saying so. */
const callerLocks = /^(?:&?(?:mm|vma)->)?(?:mmap_lock|mmap_sem|vm_lock|vma_lock|vmlock_dep_map)(?:->lock)?(?:#\d+)?$/;

/** Whether this is mmap_lock or a per-VMA lock, by any name that a release or a recording gives it. */
export function isCallerLock(lock: string): boolean {
  return lock.length < 64 && callerLocks.test(lock);
}

/** What a fault hands back to its caller with the page: not a leak. */
export function isFolio(event: Pick<LockEvent, 'kind'>): boolean {
  return event.kind === 'folio';
}

/** Codes as `VM_FAULT_NAME` or `NAME`, without the prefix. */
export function faultCodes(ret: readonly string[]): ReadonlySet<string> {
  return new Set(ret.map((name) => name.replace(/^VM_FAULT_/, '')));
}

/** By value: a caller may make fresh event objects for every context. */
export function holds(held: readonly LockEvent[], one: LockEvent): boolean {
  return held.some((other) => other.lock === one.lock && other.instance === one.instance);
}

/** The scopes of `now` that `before` did not have yet, oldest first. */
export function openedSince(before: readonly ScopeEvent[], now: readonly ScopeEvent[]): readonly ScopeEvent[] {
  const left = before.map((scope) => scope.scope);
  return now.filter(({ scope }) => {
    const index = left.indexOf(scope);
    if (index === -1) return true;
    left.splice(index, 1);
    return false;
  });
}
