import type { LockEvent, LockKind, LockMode, NamedLockRule, OwnerFact, PrimitiveRule, Where } from '@faultpath/lockdep';
import type { RawRecord } from '../record.ts';
import { awaitStack, noteMayEnterFs } from './allocations.ts';
import type { Caller, Classifier } from './classifier.ts';
import { callerRules, type KnownClass } from './compile.ts';
import type { TaskState } from './task-state.ts';

/** A task can't hold more; beyond it the recording lacks the releases. */
const MAX_HELD = 256;

export function onTryEntry(to: Classifier, task: TaskState, record: RawRecord, field: string): void {
  const instance = record.getText(field);
  task.trying = instance === undefined ? undefined : to.intern(instance);
}

/** A probe on a locking function. */
export function onPrimitive(to: Classifier, task: TaskState, record: RawRecord, rule: PrimitiveRule): void {
  if (rule.action === 'taken') {
    onTrylockReturn(to, task, record, rule);
    return;
  }
  const instance = record.getText(rule.instance ?? 'sem');
  if (instance === undefined) {
    to.unreadable({ ...position(record), reason: `${rule.event} without ${rule.instance ?? 'sem'}=` });
    return;
  }
  if (rule.action === 'drop') {
    drop(to, task, record, instance);
  } else if (rule.action === 'downgrade') {
    downgrade(
      to,
      task,
      to.whereOf(record),
      task.held.find((held) => held.instance === instance),
    );
  } else {
    const caller = to.callerOf(record.getText(rule.caller ?? 'caller') ?? '');
    takePrimitive(to, task, record, rule, to.intern(instance), caller, false);
  }
}

function onTrylockReturn(to: Classifier, task: TaskState, record: RawRecord, rule: PrimitiveRule): void {
  const instance = task.trying;
  task.trying = undefined;
  if (instance === undefined || record.getNumber(rule.result ?? 'ret') === 0) {
    task.announced.shift();
    return;
  }
  const caller = to.callerOf(record.getText('__probe_ret_ip') ?? '');
  takePrimitive(to, task, record, rule, instance, caller, true);
}

function takePrimitive(
  to: Classifier,
  task: TaskState,
  record: RawRecord,
  rule: PrimitiveRule,
  instance: string,
  caller: Caller,
  trylock: boolean,
): void {
  const announced = task.announced.length === 0 ? undefined : task.announced.shift();
  const known = announced ?? className(to, task, caller, rule);
  take(to, task, to.whereOf(record), {
    lock: known.lock,
    subclass: known.subclass,
    instance,
    mode: announced?.mode ?? rule.mode,
    kind: rule.kind,
    trylock: announced?.trylock ?? trylock,
    owner: announced?.owner,
    backtrace: caller.backtrace,
  });
}

function className(to: Classifier, task: TaskState, caller: Caller, rule: PrimitiveRule): KnownClass {
  if (!caller.bare) {
    const known = caller.classes.get(rule);
    if (known !== undefined) return known;
    const rules = callerRules(to.vocabulary, caller.symbol, rule.kind, rule.mode);
    for (const { holding, lock, subclass } of rules) {
      if (holding !== undefined && !task.holds(holding)) continue;
      const found = subclass === undefined ? { lock } : { lock, subclass };
      if (rules[0]?.holding === undefined) caller.classes.set(rule, found);
      return found;
    }
    return unknownClass(to, task, caller.symbol);
  }
  // A trylock whose caller is a bare address: in a fault that holds nothing yet, it is the fault entry's.
  if (task.fault !== undefined && rule.action === 'taken' && rule.mode === 'shared' && !task.holds('mmap_lock')) {
    if (caller.symbol !== '') to.faultEntries.add(caller.symbol);
    return MMAP_LOCK;
  }
  // The same place in the code takes the same lock.
  if (to.faultEntries.has(caller.symbol)) return MMAP_LOCK;
  return unknownClass(to, task, caller.symbol === '' ? 'unknown' : caller.symbol);
}

const MMAP_LOCK: KnownClass = { lock: 'mmap_lock' };

/** A caller is no class: two locks that one function takes inside each other need not be of one kind. */
function unknownClass(to: Classifier, task: TaskState, caller: string): KnownClass {
  const lock = to.intern(caller);
  if (!to.unknownClasses.has(lock)) to.unknownClasses.add(lock);
  let depth = 0;
  for (const held of task.held) if (held.lock === lock) depth += 1;
  return depth === 0 ? { lock } : { lock, subclass: depth };
}

interface Taking {
  readonly lock: string;
  readonly instance: string;
  readonly mode: LockMode;
  readonly kind: LockKind;
  readonly trylock: boolean;
  readonly subclass?: number | undefined;
  readonly owner?: OwnerFact | undefined;
  readonly backtrace?: readonly string[] | undefined;
  /** A backtrace of the event will follow in the recording. */
  readonly awaitsStack?: boolean;
}

type Mutable<Event> = { -readonly [Key in keyof Event]: Event[Key] };

/** The task has the lock now. */
export function take(to: Classifier, task: TaskState, where: Where, taking: Taking): LockEvent {
  const { lock, instance, mode } = taking;
  const { held } = task;
  dropStale(to, task, where, instance, mode);
  if (held.length >= MAX_HELD) held.shift();
  const event: Mutable<LockEvent> = {
    type: 'lock',
    action: 'acquired',
    task: task.name,
    where,
    lock,
    instance,
    mode,
    kind: to.vocabulary.kinds.get(lock) ?? taking.kind,
  };
  if (taking.subclass !== undefined) event.subclass = taking.subclass;
  if (taking.trylock) event.trylock = true;
  if (taking.owner !== undefined) event.owner = taking.owner;
  if (taking.backtrace !== undefined) event.backtrace = taking.backtrace;
  held.push(event);
  if (taking.awaitsStack === true) {
    noteMayEnterFs(task, event);
    to.emitDraft(task, awaitStack(event));
  } else to.emit(task, event);
  return event;
}

/** The task can't take what it holds: then the release was not recorded. */
function dropStale(to: Classifier, task: TaskState, where: Where, instance: string, mode: LockMode): void {
  for (const held of task.held) {
    if (held.instance !== instance || (held.mode !== 'exclusive' && mode !== 'exclusive')) continue;
    release(to, task, where, held);
    return;
  }
}

function release(to: Classifier, task: TaskState, where: Where, held: LockEvent): void {
  const at = task.held.lastIndexOf(held);
  if (at === task.held.length - 1) task.held.pop();
  else task.held.splice(at, 1);
  const event: Mutable<LockEvent> = {
    type: 'lock',
    action: 'release',
    task: task.name,
    where,
    lock: held.lock,
    instance: held.instance,
    mode: held.mode,
    kind: held.kind,
  };
  if (held.subclass !== undefined) event.subclass = held.subclass;
  if (held.owner !== undefined) event.owner = held.owner;
  to.emit(task, event);
}

/** Releases by address; a lock whose taking was not recorded is only counted. */
export function drop(to: Classifier, task: TaskState, record: RawRecord, instance: string): boolean {
  for (let at = task.held.length - 1; at >= 0; at -= 1) {
    const held = task.held[at] as LockEvent;
    if (held.instance !== instance) continue;
    release(to, task, to.whereOf(record), held);
    return true;
  }
  unmatched(to, task, to.whereOf(record));
  return false;
}

/** A lock is dropped that nobody was seen to take: it was taken before the recording, or the recording is not right. */
function unmatched(to: Classifier, task: TaskState, where: Where): void {
  to.counts.unmatchedReleases += 1;
  if (task.fault !== undefined) task.fault.unmatched ??= where;
}

function downgrade(to: Classifier, task: TaskState, where: Where, held: LockEvent | undefined): void {
  if (held === undefined) {
    unmatched(to, task, where);
    return;
  }
  release(to, task, where, held);
  // Nobody can come in between, so the second half never waits.
  take(to, task, where, { ...held, mode: 'shared', trylock: true });
}

/** An event that names locks itself, several at once in a flags field. */
export function onNamed(to: Classifier, task: TaskState, record: RawRecord, rule: NamedLockRule): void {
  const where = to.whereOf(record);
  const owner: OwnerFact = { object: to.intern(ownerText(record, rule.owner)) };
  const flags = rule.flags === undefined ? undefined : (record.getText(rule.flags) ?? '').split('|');
  const rest = Number(flags?.find((flag) => flag.startsWith('0x')) ?? 0);
  for (const part of rule.parts) {
    const numbered = part.bit !== undefined && (rest & part.bit) !== 0;
    if (flags !== undefined && !numbered && !flags.includes(part.flag)) continue;
    const { lock, mode } = part;
    const number = part.subclass === undefined ? 0 : (rest >> part.subclass.shift) & part.subclass.mask;
    const subclass = number === 0 ? {} : { subclass: number };
    if (rule.action === 'release' || rule.action === 'downgrade') {
      const held = task.held.find((each) => each.lock === lock && each.owner?.object === owner.object);
      if (rule.action === 'downgrade') {
        if (rule.primitive === 'none' || !(to.primitivesSeen || to.lockdepSeen)) downgrade(to, task, where, held);
      } else if (held !== undefined) {
        drop(to, task, record, held.instance);
      } else if (rule.primitive === 'none' || !(to.primitivesSeen || to.lockdepSeen)) {
        unmatched(to, task, where);
      }
      continue;
    }
    if (rule.primitive === 'follows') {
      const isNew = rule.newObject?.includes(record.getSymbol('caller') ?? '') === true;
      task.announced.push({ lock, mode, ...subclass, owner, trylock: rule.trylock === true || isNew, isNew, where });
      continue;
    }
    if (rule.action === 'acquired') {
      const kind = to.vocabulary.kinds.get(lock) ?? 'unknown';
      const instance = to.intern(`${lock}:${owner.object}`);
      if (!task.held.some((held) => held.instance === instance)) {
        take(to, task, where, { lock, instance, mode, kind, ...subclass, trylock: rule.trylock === true, owner });
      }
    }
  }
}

/** Announced locks whose own probe did not follow: the event itself is all there is. */
export function flushAnnounced(to: Classifier, task: TaskState): void {
  while (task.announced.length > 0) {
    const announced = task.announced.shift();
    if (announced === undefined) return;
    if (announced.trylock && !announced.isNew) {
      to.counts.unknownTrylocks += 1;
      continue;
    }
    const { lock, owner, where } = announced;
    const kind = to.vocabulary.kinds.get(lock) ?? 'unknown';
    take(to, task, where, { ...announced, instance: to.intern(`${lock}:${owner.object}`), kind });
  }
}

function ownerText(record: RawRecord, fields: readonly string[]): string {
  let text = '';
  for (const field of fields) {
    const value = record.getText(field) ?? '?';
    text += `${text === '' ? '' : ' '}${field === 'ino' ? 'inode ' : ''}${value}`;
  }
  return text;
}

/** Readers of RCU and of SRCU wait for nobody; lockdep does not check them either. */
const ATOMIC_NAME = /^rcu_|seqcount|^lock$|_lock_sched|_srcu$/;

/** `lock_acquire: <address> [try ][read ]<class>`, from a kernel with lockdep. */
export function onLockdepAcquire(to: Classifier, task: TaskState, record: RawRecord): void {
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
  const ours = to.vocabulary.lockdepClasses.get(name);
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
  const announced = ours === 'fs_reclaim' ? undefined : task.announced.shift();
  const lock = announced?.lock ?? ours ?? to.intern(name);
  const kind = to.vocabulary.kinds.get(lock) ?? 'unknown';
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

export function onLockdepRelease(to: Classifier, task: TaskState, record: RawRecord): void {
  learnDepth(to, record);
  const body = record.format();
  const space = body.indexOf(' ');
  const name = body.slice(space + 1);
  const instance = space === -1 ? body : body.slice(0, space);
  const doubtful = task.doubtful.findLastIndex((lock) => lock.instance === instance);
  if (doubtful !== -1) {
    task.doubtful.splice(doubtful, 1);
  } else if (task.held.some((held) => held.instance === instance)) {
    drop(to, task, record, instance);
  } else if (to.vocabulary.lockdepClasses.get(name) !== undefined || atomicity(to, record, name) === 'no') {
    unmatched(to, task, to.whereOf(record));
  }
}

/**
 * Preemption is on again while the task still has these locks, so they are no spinlocks. `mutex_lock` turns it off before
 * it tells lockdep, and on again when it has the lock.
 */
export function settleDoubtful(to: Classifier, task: TaskState, record: RawRecord): void {
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
function atomicity(to: Classifier, { flags }: RawRecord, name: string): 'yes' | 'maybe' | 'no' {
  if (ATOMIC_NAME.test(name)) return 'yes';
  const irqs = flags.charCodeAt(0);
  if (irqs === 100 || irqs === 68) return 'yes';
  return preemptionOff(to, flags) ? 'maybe' : 'no';
}

/** Tracing may itself turn preemption off for its events; the smallest depth that they have shows it. */
function learnDepth(to: Classifier, { flags }: RawRecord): void {
  const depth = flags.charCodeAt(3);
  const value = depth >= 48 && depth <= 57 ? depth - 48 : 0;
  if (value < to.baseDepth) to.baseDepth = value;
}

function preemptionOff(to: Classifier, flags: string): boolean {
  const depth = flags.charCodeAt(3) - 48;
  return depth >= 0 && depth <= 9 && depth > to.baseDepth;
}

const position = (record: RawRecord): { line?: number; record?: number } =>
  record.line === undefined ? { record: record.record ?? 0 } : { line: record.line };
