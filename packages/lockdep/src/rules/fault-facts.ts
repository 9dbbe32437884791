import type { LockEvent, ScopeEvent } from '../events.ts';

/** Locks that the fault handler's caller holds and that the handler may drop only by saying so. */
const callerLocks = /^(?:&?(?:mm|vma)->)?(?:mmap_lock|mmap_sem|vm_lock|vma_lock|vmlock_dep_map)(?:->lock)?(?:#\d+)?$/;

/** Whether this is mmap_lock or a per-VMA lock, by any name that a release or a recording gives it. */
export function isCallerLock(lock: string): boolean {
  const known = callerLocksKnown.get(lock);
  if (known !== undefined) return known;
  const answer = lock.length < 64 && callerLocks.test(lock);
  if (callerLocksKnown.size >= MAX_KNOWN) callerLocksKnown.clear();
  callerLocksKnown.set(lock, answer);
  return answer;
}

/** Asked for every held lock of every fault, and a source has few classes. */
const callerLocksKnown = /* @__PURE__ */ new Map<string, boolean>();
const MAX_KNOWN = 1024;

const noCodes: ReadonlySet<string> = /* @__PURE__ */ new Set();

/** What a fault hands back to its caller with the page: not a leak. */
export function isFolio(event: Pick<LockEvent, 'kind'>): boolean {
  return event.kind === 'folio';
}

/** Codes as `VM_FAULT_NAME` or `NAME`, without the prefix. Events never change, and a reader gives one list many times. */
export function faultCodes(ret: readonly string[]): ReadonlySet<string> {
  if (ret.length === 0) return noCodes;
  if (ret !== last.ret) {
    last.ret = ret;
    last.codes = new Set(ret.map((name) => name.replace(/^VM_FAULT_/, '')));
  }
  return last.codes;
}

const last: { ret: readonly string[]; codes: ReadonlySet<string> } = { ret: [], codes: noCodes };

/** By value: a caller may make fresh event objects for every context. */
export function holds(held: readonly LockEvent[], one: LockEvent): boolean {
  for (let at = 0; at < held.length; at++) {
    const other = held[at]!;
    if (other === one || (other.lock === one.lock && other.instance === one.instance)) return true;
  }
  return false;
}

/** The scopes of `now` that `before` did not have yet, oldest first. */
export function openedSince(before: readonly ScopeEvent[], now: readonly ScopeEvent[]): readonly ScopeEvent[] {
  if (now.length === 0) return now;
  const left = before.map((scope) => scope.scope);
  return now.filter(({ scope }) => {
    const index = left.indexOf(scope);
    if (index === -1) return true;
    left.splice(index, 1);
    return false;
  });
}
