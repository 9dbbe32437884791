import type { LockEvent, LockKind, LockMode } from '@faultpath/lockdep';
import type { RawRecord } from '../record.ts';
import type { Classifier } from './classifier.ts';
import { callerRules } from './compile.ts';
import { drop, position, take } from './locks.ts';
import type { TaskState } from './task-state.ts';

/** `00000000abcd (flags=READ|PERCPU)` and `00000000abcd (ret=0)`. */
const BODY = /^(\S+) \((?:flags|ret)=([^)]*)\)/;

/** Slow paths of the locking functions; who called them is who wants the lock. */
const SLOW_PATH =
  /^(trace_event_|__?traceiter_|perf_|rwsem_|down_|__down_|mutex_|__mutex_|__?percpu_|rt_mutex|__rt_|rwbase_|__sched_text|preempt_schedule)/;

/** A task that waits for a lock: the kernel's `contention_begin`, from 5.19 on. */
export function onContentionBegin(to: Classifier, task: TaskState, record: RawRecord): void {
  task.waiting = undefined;
  const [, address, flagText] = BODY.exec(record.format()) ?? [];
  if (address === undefined || flagText === undefined) {
    to.unreadable({ ...position(record), reason: 'contention_begin without a lock and its flags' });
    return;
  }
  const flags = flagText.split('|');
  const kind = kindOf(flags);
  if (kind === 'spinlock') {
    to.counts.atomicLocks += 1;
    return;
  }
  const mode: LockMode = flags.includes('READ') ? 'shared' : 'exclusive';
  const known = wantedBy(task, address, kind, mode) ?? to.holderOf(address, isSame);
  const event: { -readonly [Key in keyof LockEvent]: LockEvent[Key] } = {
    type: 'lock',
    action: 'contended',
    task: task.name,
    where: to.whereOf(record),
    lock: known?.lock ?? 'unknown',
    instance: known?.instance ?? to.intern(address),
    mode,
    kind: known?.kind ?? kind,
  };
  if (known?.subclass !== undefined) event.subclass = known.subclass;
  if (known?.owner !== undefined) event.owner = known.owner;
  task.waiting = event;
  if (known !== undefined) to.emit(task, event);
  // A backtrace may follow, which tells who wants it.
  else to.emitDraft(task, { event, left: 2, open: true });
}

/** The wait is over; with an error the lock was not had. */
export function onContentionEnd(to: Classifier, task: TaskState, record: RawRecord): void {
  const { waiting } = task;
  task.waiting = undefined;
  const [, , ret] = BODY.exec(record.format()) ?? [];
  if (waiting === undefined || ret === undefined) return;
  const held = task.held.some((lock) => lock.instance === waiting.instance);
  if (ret !== '0') {
    if (held) drop(to, task, record, waiting.instance);
    return;
  }
  // Where the locking functions have probes, a lock that was not seen asked for was asked for by one without.
  const released = waiting.kind === 'rwsem' || waiting.kind === 'mutex';
  if (!held && released && to.primitivesSeen) take(to, task, to.whereOf(record), { ...waiting, trylock: false });
}

/** Names what a contended lock is by the function that wants it. */
export function nameContended(to: Classifier, event: LockEvent, stack: readonly string[]): void {
  const from = stack.findIndex((name) => !SLOW_PATH.test(name));
  const caller = stack[from];
  if (caller === undefined) return;
  const mutable = event as { lock: string; backtrace?: readonly string[] };
  mutable.backtrace = stack.slice(from);
  if (event.lock !== 'unknown') return;
  const rule = callerRules(to.vocabulary, caller, event.kind, event.mode).find(({ holding }) => holding === undefined);
  mutable.lock = rule?.lock ?? to.intern(caller);
  if (rule === undefined) to.unknownClasses.add(mutable.lock);
}

function kindOf(flags: readonly string[]): LockKind {
  if (flags.includes('MUTEX') || flags.includes('RT')) return 'mutex';
  // Readers and writers that spin wait for a queued rwlock.
  if (flags.includes('SPIN')) return 'spinlock';
  if (flags.includes('PERCPU')) return 'percpu-rwsem';
  return flags.includes('READ') || flags.includes('WRITE') ? 'rwsem' : 'unknown';
}

/**
 * The lock that the task has just asked for: the probe on the locking function counts it as had already. A kernel that
 * hashes pointers prints the address in a form of its own, and then the last one asked for must be it.
 */
function wantedBy(task: TaskState, address: string, kind: LockKind, mode: LockMode): LockEvent | undefined {
  const last = task.held.at(-1);
  return (
    task.held.findLast((held) => isSame(held.instance, address)) ??
    (last?.kind === kind && last.mode === mode && last.trylock !== true ? last : undefined)
  );
}

const digits = (text: string): string => text.replace(/^(0x)?0*/, '');

/** Kprobes print `0x`, `%p` leading zeros. */
const isSame = (left: string, right: string): boolean => left === right || digits(left) === digits(right);
