import type { LockKind, LockMode } from '@faultpath/lockdep';
import type { SourceRecord } from '../record.ts';
import { sameWord, Word } from '../word.ts';
import type { Classifier } from './classifier.ts';
import { callerRules } from './compile.ts';
import { drop, position, takeShape } from './locks.ts';
import type { TaskState } from './task-state.ts';
import { LockShape, LockView } from './views.ts';

/** `00000000abcd (flags=READ|PERCPU)` and `00000000abcd (ret=0)`. */
const BODY = /^(\S+) \((?:flags|ret)=([^)]*)\)/;

/** Slow paths of the locking functions; who called them is who wants the lock. */
const SLOW_PATH =
  /^(trace_event_|__?traceiter_|perf_|rwsem_|down_|__down_|mutex_|__mutex_|__?percpu_|rt_mutex|__rt_|rwbase_|__sched_text|preempt_schedule)/;

/** A task that waits for a lock: the kernel's `contention_begin`, from 5.19 on. */
export function onContentionBegin(to: Classifier, task: TaskState, record: SourceRecord): void {
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
  const { subclass, owner } = known?.shape ?? {};
  const shape = new LockShape(known?.lock ?? 'unknown', mode, known?.kind ?? kind, subclass, false, owner, undefined);
  const event = new LockView('contended', task.name, to.whereOf(record), known?.word ?? new Word(address), shape);
  task.waiting = event;
  if (known !== undefined) to.emitView(task, event);
  // A backtrace may follow, which tells who wants it.
  else to.emitDraft(task, { event, left: 2, open: true });
}

/** The wait is over; with an error the lock was not had. */
export function onContentionEnd(to: Classifier, task: TaskState, record: SourceRecord): void {
  const { waiting } = task;
  task.waiting = undefined;
  const [, , ret] = BODY.exec(record.format()) ?? [];
  if (waiting === undefined || ret === undefined) return;
  const held = task.held.some((lock) => sameWord(lock.word, waiting.word));
  if (ret !== '0') {
    if (held) drop(to, task, record, waiting.word);
    return;
  }
  // Where the locking functions have probes, a lock that was not seen asked for was asked for by one without.
  const released = waiting.kind === 'rwsem' || waiting.kind === 'mutex';
  if (held || !released || !to.primitivesSeen) return;
  const { lock, mode, subclass, owner, backtrace } = waiting.shape;
  const kind = to.vocabulary.kinds.get(lock) ?? waiting.kind;
  const shape = new LockShape(lock, mode, kind, subclass, false, owner, backtrace);
  takeShape(to, task, to.whereOf(record), waiting.word, shape);
}

/** Names what a contended lock is by the function that wants it. */
export function nameContended(to: Classifier, event: LockView, stack: readonly string[]): void {
  const from = stack.findIndex((name) => !SLOW_PATH.test(name));
  const caller = stack[from];
  if (caller === undefined) return;
  const { lock, mode, kind, subclass, owner } = event.shape;
  const named = lock === 'unknown' ? nameBy(to, caller, kind, mode) : lock;
  event.shape = new LockShape(named, mode, kind, subclass, false, owner, stack.slice(from));
}

function nameBy(to: Classifier, caller: string, kind: LockKind, mode: LockMode): string {
  const rule = callerRules(to.vocabulary, caller, kind, mode).find(({ holding }) => holding === undefined);
  if (rule !== undefined) return rule.lock;
  const lock = to.intern(caller);
  to.unknownClasses.add(lock);
  return lock;
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
function wantedBy(task: TaskState, address: string, kind: LockKind, mode: LockMode): LockView | undefined {
  const last = task.held.at(-1);
  return (
    task.held.findLast((held) => isSame(held.instance, address)) ??
    (last?.kind === kind && last.mode === mode && last.trylock !== true ? last : undefined)
  );
}

const digits = (text: string): string => text.replace(/^(0x)?0*/, '');

/** Kprobes print `0x`, `%p` leading zeros. */
const isSame = (left: string, right: string): boolean => left === right || digits(left) === digits(right);
