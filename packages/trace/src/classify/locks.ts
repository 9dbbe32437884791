import type { LockKind, LockMode, NamedLockRule, OwnerFact, PrimitiveRule } from '@faultpath/lockdep';
import type { Place } from '../place.ts';
import type { SourceRecord } from '../record.ts';
import { type FieldName, sameWord, Word } from '../word.ts';
import { awaitStack, noteMayEnterFs } from './allocations.ts';
import type { Caller } from './callers.ts';
import type { Classifier } from './classifier.ts';
import { callerRules, type Primitive } from './compile.ts';
import { RETURNS_TO } from './record-texts.ts';
import type { TaskState } from './task-state.ts';
import { LockShape, LockView } from './views.ts';

/** What lockdep allows a task to hold at once (`MAX_LOCK_DEPTH`); beyond it the recording lacks releases. */
export const MAX_HELD = 48;

export function onTryEntry(to: Classifier, task: TaskState, record: SourceRecord, field: FieldName): void {
  if (task.trying !== undefined) contradict(task, to.whereOf(record));
  task.trying = record.word(field);
}

/** A probe on a locking function. */
export function onPrimitive(to: Classifier, task: TaskState, record: SourceRecord, primitive: Primitive): void {
  const { rule } = primitive;
  if (rule.action === 'taken') {
    onTrylockReturn(to, task, record, primitive);
    return;
  }
  const instance = record.word(primitive.instance);
  if (instance === undefined) {
    to.unreadable({ ...position(record), reason: `${rule.event} without ${primitive.instance.name}=` });
    return;
  }
  if (rule.action === 'drop') {
    dropPrimitive(to, task, record, instance);
  } else if (rule.action === 'downgrade') {
    downgrade(
      to,
      task,
      to.whereOf(record),
      task.held.find((held) => sameWord(held.word, instance)),
    );
  } else {
    takePrimitive(to, task, record, primitive, instance, to.callers.of(record.word(primitive.caller)), false);
  }
}

function onTrylockReturn(to: Classifier, task: TaskState, record: SourceRecord, primitive: Primitive): void {
  const instance = task.trying;
  task.trying = undefined;
  if (instance === undefined) contradict(task, to.whereOf(record));
  if (instance === undefined || record.number(primitive.result) === 0) {
    task.announced.shift();
    return;
  }
  takePrimitive(to, task, record, primitive, instance, to.callers.of(record.word(RETURNS_TO)), true);
}

function takePrimitive(
  to: Classifier,
  task: TaskState,
  record: SourceRecord,
  primitive: Primitive,
  instance: Word,
  caller: Caller,
  trylock: boolean,
): void {
  const { rule } = primitive;
  const announced = task.announced.length === 0 ? undefined : task.announced.shift();
  if (announced !== undefined) {
    const { lock, subclass, mode, owner } = announced;
    const kind = to.vocabulary.kinds.get(lock) ?? rule.kind;
    const shape = new LockShape(lock, mode, kind, subclass, announced.trylock, owner, caller.backtrace);
    takeShape(to, task, to.whereOf(record), instance, shape);
    return;
  }
  const known = caller.shapes[primitive.index] ?? shapeOf(to, task, caller, primitive, trylock);
  takeShape(to, task, to.whereOf(record), instance, known);
}

/** The lock that a caller takes by this function; kept with the caller where nothing but the function matters. */
function shapeOf(
  to: Classifier,
  task: TaskState,
  caller: Caller,
  { rule, index }: Primitive,
  trylock: boolean,
): LockShape {
  const { lock, subclass, always, fs } = className(to, task, caller, rule);
  const kind = to.vocabulary.kinds.get(lock) ?? rule.kind;
  const filesystem = fs ?? filesystemOf(to, task, lock);
  const shape = new LockShape(lock, rule.mode, kind, subclass, trylock, undefined, caller.backtrace, filesystem);
  // Whose lock the core takes is the fault's to tell.
  if (always && (fs !== undefined || !to.vocabulary.ofFilesystems.has(lock))) {
    while (caller.shapes.length < index) caller.shapes.push(undefined);
    caller.shapes[index] = shape;
  }
  return shape;
}

/** The filesystem of a lock that every kind of them has: the fault's, unless the task reclaims, which may be in another. */
function filesystemOf(to: Classifier, task: TaskState, lock: string): string | undefined {
  if (task.fault === undefined || task.reclaim.length > 0) return undefined;
  return to.vocabulary.ofFilesystems.has(lock) ? task.fault.fs : undefined;
}

/** The class of a lock, and whether the caller takes no other one by this function. */
interface FoundClass {
  readonly lock: string;
  readonly subclass?: number | undefined;
  readonly always: boolean;
  readonly fs?: string | undefined;
}

function className(to: Classifier, task: TaskState, caller: Caller, rule: PrimitiveRule): FoundClass {
  if (!caller.bare) {
    const rules = callerRules(to.vocabulary, caller.symbol, rule.kind, rule.mode);
    for (const { holding, lock, subclass, fs } of rules) {
      if (holding !== undefined && !task.holds(holding)) continue;
      return { lock, subclass, always: rules[0]?.holding === undefined, fs };
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

const MMAP_LOCK: FoundClass = { lock: 'mmap_lock', always: false };

/** A caller is no class: two locks that one function takes inside each other need not be of one kind. */
function unknownClass(to: Classifier, task: TaskState, caller: string): FoundClass {
  const lock = to.intern(caller);
  if (!to.unknownClasses.has(lock)) to.unknownClasses.add(lock);
  let depth = 0;
  for (const held of task.held) if (held.lock === lock) depth += 1;
  return { lock, subclass: depth === 0 ? undefined : depth, always: false };
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

/** The task has the lock now. */
export function take(to: Classifier, task: TaskState, where: Place, taking: Taking): LockView {
  const { lock, mode, subclass, trylock, owner, backtrace } = taking;
  const kind = to.vocabulary.kinds.get(lock) ?? taking.kind;
  const filesystem = filesystemOf(to, task, lock);
  const shape = new LockShape(lock, mode, kind, subclass, trylock, owner, backtrace, filesystem);
  return takeShape(to, task, where, new Word(taking.instance), shape, taking.awaitsStack);
}

export function takeShape(
  to: Classifier,
  task: TaskState,
  where: Place,
  instance: Word,
  shape: LockShape,
  awaitsStack = false,
): LockView {
  const { held } = task;
  if (task.unnamed.length > 0) notNamed(task, where);
  if (held.length > 0) dropStale(to, task, where, instance, shape.mode);
  if (held.length >= MAX_HELD) giveUpOldest(to, task, where);
  const event = new LockView('acquired', task.name, where, instance, shape);
  held.push(event);
  if (awaitsStack) {
    noteMayEnterFs(task, event);
    to.emitDraft(task, awaitStack(event));
  } else to.emitView(task, event);
  return event;
}

/** The task can't take what it holds: then the release was not recorded. */
function dropStale(to: Classifier, task: TaskState, where: Place, instance: Word, mode: LockMode): void {
  const { held } = task;
  for (let at = 0; at < held.length; at += 1) {
    const one = held[at] as LockView;
    if (!sameWord(one.word, instance) || (one.shape.mode !== 'exclusive' && mode !== 'exclusive')) continue;
    contradict(task, where);
    release(to, task, where, one);
    return;
  }
}

/** The lock that was taken first was dropped at some time, and nobody saw it; who follows the holds is told now. */
function giveUpOldest(to: Classifier, task: TaskState, where: Place): void {
  const oldest = task.held[0] as LockView;
  to.giveUp(task, `${oldest.lock} ${oldest.instance}`, oldest.where);
  contradict(task, where);
  release(to, task, where, oldest);
}

function release(to: Classifier, task: TaskState, where: Place, held: LockView): void {
  const at = task.held.lastIndexOf(held);
  if (at === task.held.length - 1) task.held.pop();
  else task.held.splice(at, 1);
  if (task.unnamed.length > 0 && !to.vocabulary.namedLocks.release.has(held.lock)) notNamed(task, where);
  to.emitView(task, new LockView('release', task.name, where, held.word, held.shape.released));
}

/** Two events about one lock disagree, so this is not the recording of any fault. */
export function contradict(task: TaskState, where: Place): void {
  if (task.fault !== undefined) task.fault.unmatched ??= where;
}

/** Something else happens before the dropped lock was named. */
export function notNamed(task: TaskState, where: Place): void {
  task.unnamed.length = 0;
  contradict(task, where);
}

/** Its own probe has seen the lock dropped: the event that names it comes next, where such events are recorded. */
function awaitName(to: Classifier, task: TaskState, { lock, owner, instance }: LockView): void {
  if (!to.namedReleaseSeen || owner === undefined || isNamedInstance(lock, instance)) return;
  if (to.vocabulary.namedLocks.release.has(lock)) task.unnamed.push({ lock, object: owner.object });
}

/** The lock is known by an event that names it and not by its address. */
const isNamedInstance = (lock: string, instance: string): boolean => instance.startsWith(`${lock}:`);

/** Releases by address; a lock whose taking was not recorded is only counted. */
export function drop(to: Classifier, task: TaskState, record: SourceRecord, instance: Word): boolean {
  for (let at = task.held.length - 1; at >= 0; at -= 1) {
    const held = task.held[at] as LockView;
    if (!sameWord(held.word, instance)) continue;
    release(to, task, to.whereOf(record), held);
    return true;
  }
  unmatched(to, task, to.whereOf(record));
  return false;
}

/** Releases by the probe on the unlocking function. */
export function dropPrimitive(to: Classifier, task: TaskState, record: SourceRecord, instance: Word): void {
  const held = task.held.findLast((each) => sameWord(each.word, instance));
  drop(to, task, record, instance);
  if (held !== undefined) awaitName(to, task, held);
}

/** A lock is dropped that nobody was seen to take: it was taken before the recording, or the recording is not right. */
export function unmatched(to: Classifier, task: TaskState, where: Place): void {
  to.counts.unmatchedReleases += 1;
  if (task.fault !== undefined) task.fault.unmatched ??= where;
}

function downgrade(to: Classifier, task: TaskState, where: Place, held: LockView | undefined): void {
  if (held === undefined) {
    unmatched(to, task, where);
    return;
  }
  release(to, task, where, held);
  // Nobody can come in between, so the second half never waits.
  const { lock, kind, subclass, owner, backtrace, filesystem } = held.shape;
  const shape = new LockShape(lock, 'shared', kind, subclass, true, owner, backtrace, filesystem);
  takeShape(to, task, where, held.word, shape);
}

/** An event that names locks itself, several at once in a flags field. */
export function onNamed(to: Classifier, task: TaskState, record: SourceRecord, rule: NamedLockRule): void {
  const where = to.whereOf(record);
  const owner: OwnerFact = { object: to.intern(ownerText(record, rule.owner)) };
  if (rule.primitive === 'follows') to.namedAcquireSeen = true;
  const awaited = to.namedReleaseSeen;
  if (rule.primitive === 'precedes') to.namedReleaseSeen = true;
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
      if (rule.action === 'release' && nameDropped(task, lock, owner.object)) continue;
      if (rule.action === 'downgrade') {
        if (rule.primitive === 'none' || !(to.primitivesSeen || to.lockdepSeen)) downgrade(to, task, where, held);
      } else if (held !== undefined) {
        // Its own probe saw it taken, and should have seen it dropped.
        if (rule.primitive !== 'none' && !isNamedInstance(lock, held.instance)) contradict(task, where);
        drop(to, task, record, held.word);
      } else if (rule.primitive === 'none' || !(to.primitivesSeen || to.lockdepSeen)) {
        unmatched(to, task, where);
      } else if (awaited) contradict(task, where);
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
      } else contradict(task, where);
    }
  }
}

/** Whether the named lock is one that its own probe has just seen dropped. */
function nameDropped(task: TaskState, lock: string, object: string): boolean {
  const at = task.unnamed.findIndex((each) => each.lock === lock && each.object === object);
  if (at !== -1) task.unnamed.splice(at, 1);
  return at !== -1;
}

/** Announced locks whose own probe did not follow: the event itself is all there is. */
export function flushAnnounced(to: Classifier, task: TaskState): void {
  while (task.announced.length > 0) {
    const announced = task.announced.shift();
    if (announced === undefined) return;
    // Probes on the locking functions see every other lock, so they would have seen this one.
    if (to.lockdepSeen || to.primitivesSeen) contradict(task, announced.where);
    if (announced.trylock && !announced.isNew) {
      to.counts.unknownTrylocks += 1;
      continue;
    }
    const { lock, owner, where } = announced;
    const kind = to.vocabulary.kinds.get(lock) ?? 'unknown';
    take(to, task, where, { ...announced, instance: to.intern(`${lock}:${owner.object}`), kind });
  }
}

function ownerText(record: SourceRecord, fields: readonly string[]): string {
  let text = '';
  for (const field of fields) {
    const value = record.getText(field) ?? '?';
    text += `${text === '' ? '' : ' '}${field === 'ino' ? 'inode ' : ''}${value}`;
  }
  return text;
}

export const position = (record: SourceRecord): { line?: number; record?: number } =>
  record.line === undefined ? { record: record.record ?? 0 } : { line: record.line };
