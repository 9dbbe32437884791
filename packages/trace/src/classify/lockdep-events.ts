import type { SourceRecord } from '../record.ts';
import { Word } from '../word.ts';
import type { Classifier } from './classifier.ts';
import { beforeFsReclaim } from './dax-fault.ts';
import { contradict, dropPrimitive, MAX_HELD, position, take, unmatched } from './locks.ts';
import type { TaskState } from './task-state.ts';

/** Readers of RCU and of SRCU wait for nobody; lockdep does not check them either. */
const ATOMIC_NAME = /^rcu_|seqcount|^lock$|_lock_sched|_srcu$/;

/** `lock_acquire: <address> [try ][read ]<class>`, from a kernel with lockdep. */
export function onLockdepAcquire(to: Classifier, task: TaskState, record: SourceRecord): void {
  to.lockdepSeen = true;
  learnDepth(to, record);
  const body = record.format();
  const space = body.indexOf(' ');
  if (space === -1) {
    to.unreadable({ ...position(record), reason: 'lock_acquire without a class' });
    return;
  }
  let name = body.slice(space + 1);
  const trylock = name.startsWith('try ');
  if (trylock) name = name.slice(4);
  const shared = name.startsWith('read ');
  if (shared) name = name.slice(5);
  const ours = classOf(to, name);
  const atomic = ours === undefined ? atomicity(to, record, name) : 'no';
  if (atomic !== 'no') {
    to.counts.atomicLocks += 1;
    if (atomic === 'maybe' && task.doubtful.length < MAX_HELD) {
      const mode = shared ? 'shared' : 'exclusive';
      const instance = to.intern(body.slice(0, space));
      task.doubtful.push({ name: to.intern(name), instance, mode, trylock, where: to.whereOf(record) });
    }
    return;
  }
  // Who may sleep for this one has preemption on; and what it already has was taken first.
  if (!trylock) settleAll(to, task);
  const where = to.whereOf(record);
  if (ours === 'fs_reclaim' && task.afterSync !== undefined) beforeFsReclaim(to, task, where);
  const announced = ours === 'fs_reclaim' ? undefined : task.announced.shift();
  const lock = announced?.lock ?? ours ?? to.intern(name);
  const kind = to.vocabulary.kinds.get(lock) ?? 'unknown';
  if (announced === undefined && to.namedAcquireSeen && to.vocabulary.namedLocks.acquire.has(lock)) {
    contradict(task, where);
  }
  take(to, task, where, {
    lock,
    instance: to.intern(body.slice(0, space)),
    mode: shared ? 'shared' : 'exclusive',
    kind,
    trylock,
    awaitsStack: lock === 'fs_reclaim',
    ...(announced === undefined ? {} : { owner: announced.owner }),
  });
}

/** Our name of a class. Work and workqueues have one for each of their own names: `(wq_completion)` stands for all. */
function classOf(to: Classifier, name: string): string | undefined {
  const { lockdepClasses } = to.vocabulary;
  const known = lockdepClasses.get(name);
  if (known !== undefined || name.charCodeAt(0) !== 40) return known;
  return lockdepClasses.get(name.slice(0, name.indexOf(')') + 1));
}

export function onLockdepRelease(to: Classifier, task: TaskState, record: SourceRecord): void {
  learnDepth(to, record);
  const body = record.format();
  const space = body.indexOf(' ');
  const name = body.slice(space + 1);
  const instance = space === -1 ? body : body.slice(0, space);
  const doubtful = task.doubtful.findLastIndex((lock) => lock.instance === instance);
  if (doubtful !== -1) {
    task.doubtful.splice(doubtful, 1);
  } else if (task.held.some((held) => held.instance === instance)) {
    dropPrimitive(to, task, record, new Word(instance));
  } else if (classOf(to, name) !== undefined || atomicity(to, record, name) === 'no') {
    unmatched(to, task, to.whereOf(record));
  }
}

/**
 * Preemption is on again while the task still has these locks, so they are no spinlocks. `mutex_lock` turns it off before
 * it tells lockdep, and on again when it has the lock.
 */
export function settleDoubtful(to: Classifier, task: TaskState, record: SourceRecord): void {
  if (!preemptionOff(to, record.flags)) settleAll(to, task);
}

function settleAll(to: Classifier, task: TaskState): void {
  if (task.doubtful.length === 0) return;
  for (const { name, ...lock } of task.doubtful.splice(0)) {
    to.counts.atomicLocks -= 1;
    take(to, task, lock.where, { ...lock, lock: name, kind: 'mutex' });
  }
}

/** A lock taken with interrupts off can't make anybody sleep; with preemption off it may be a mutex. */
function atomicity(to: Classifier, { flags }: SourceRecord, name: string): 'yes' | 'maybe' | 'no' {
  if (ATOMIC_NAME.test(name)) return 'yes';
  const irqs = flags.charCodeAt(0);
  if (irqs === 100 || irqs === 68) return 'yes';
  return preemptionOff(to, flags) ? 'maybe' : 'no';
}

/** Tracing may itself turn preemption off for its events; the smallest depth that they have shows it. */
function learnDepth(to: Classifier, { flags }: SourceRecord): void {
  const depth = flags.charCodeAt(3);
  const value = depth >= 48 && depth <= 57 ? depth - 48 : 0;
  if (value < to.baseDepth) to.baseDepth = value;
}

function preemptionOff(to: Classifier, flags: string): boolean {
  const depth = flags.charCodeAt(3) - 48;
  return depth >= 0 && depth <= 9 && depth > to.baseDepth;
}
