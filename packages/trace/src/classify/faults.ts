import type { EntryRule, FaultEvent } from '@faultpath/lockdep';
import type { SourceRecord } from '../record.ts';
import { fieldName } from '../word.ts';
import type { Classifier } from './classifier.ts';
import type { EventMeaning } from './compile.ts';
import { onDax } from './dax-fault.ts';
import { type TraceReclaim, vmFaultNames } from './fault-record.ts';
import { drop, notNamed, take } from './locks.ts';
import type { Route } from './route.ts';
import type { FaultReclaim, OpenFault, TaskState } from './task-state.ts';
import { FaultView, type LockView, type Placed, plainEvent } from './views.ts';

const FAULT_FLAG_WRITE = 0x1;
/** The fault runs under the lock of its VMA; from 6.4 on. */
const FAULT_FLAG_VMA_LOCK = 0x1000;
/** A fault that enters reclaim more often than this is thrashing; the events still say so. */
const MAX_RECLAIMS = 256;
/** Reclaim inside of reclaim is forbidden to tasks; some levels are left to what a recording may lack. */
const MAX_NESTED_RECLAIMS = 16;

const ADDRESS = fieldName('address');
const ERROR_CODE = fieldName('error_code');
const FLAGS = fieldName('flags');
const RET = fieldName('ret');
const GFP_FLAGS = fieldName('gfp_flags');

const ERROR_PRESENT = 0x1;
const ERROR_WRITE = 0x2;

/** The task is back in user space, or in another fault. */
export const OVER: ReadonlySet<string> = new Set([
  'sys_enter',
  'sys_exit',
  'tracing_mark_write',
  'print',
  'page_fault_user',
  'page_fault_kernel',
]);

/** Of these, the ones that no task comes to while it has `mmap_lock`. */
const LEFT: ReadonlySet<string> = new Set(['sys_enter', 'sys_exit', 'page_fault_user']);

const seesReleases = (to: Classifier): boolean => to.hasSeen('lock_release') || to.hasSeen('up_read');

/** Where releases are recorded, a fault that is over with the lock held is one that the recording tells wrong. */
function leaveWithLock(to: Classifier, task: TaskState, fault: OpenFault, record: SourceRecord): void {
  fault.unmatched ??= to.whereOf(record);
  closeFault(to, task, true);
  for (let held = heldClass(task, 'mmap_lock'); held !== undefined; held = heldClass(task, 'mmap_lock')) {
    drop(to, task, record, held.word);
  }
}

/** A filesystem's own event: the fault is that filesystem's. */
export function onMark(task: TaskState, fs: string): void {
  if (task.fault !== undefined) task.fault.fs = fs;
}

/** A folio entered the page cache. */
export function onPageCache(task: TaskState): void {
  if (task.fault !== undefined) task.fault.route ??= 'page';
}

/** Ends a fault that was only waiting to see whether its last lock is dropped. */
export function beforeRecord(to: Classifier, task: TaskState, record: SourceRecord, route: Route): void {
  const { isDrop, endsFault } = route;
  const { fault } = task;
  if (fault === undefined) return;
  if (task.unnamed.length > 0 && !route.precedesName) notNamed(task, to.whereOf(record));
  if (fault.handlerSeen) {
    if (!fault.maybeOver) return;
    if (isDrop && task.holds('mmap_lock')) return;
    if (isDrop && dropsAgain(fault, record, route)) fault.unmatched ??= to.whereOf(record);
    closeFault(to, task, true);
    return;
  }
  if (task.holds('mmap_lock')) {
    if (LEFT.has(route.name) && seesReleases(to)) leaveWithLock(to, task, fault, record);
    return;
  }
  // Without its return in the recording a fault is over when nothing but a retry could follow; DAX never drops the lock.
  const backInKernel = fault.kernelMode && fault.level !== undefined;
  if (endsFault || backInKernel) closeFault(to, task, true);
}

/** The lock whose drop ended the fault is dropped once more, with nothing in between. */
function dropsAgain({ events }: OpenFault, record: SourceRecord, { meaning }: Route): boolean {
  const last = events.at(-1);
  const primitive = meaning?.primitive;
  if (primitive === undefined || last?.type !== 'lock' || last.action !== 'release') return false;
  return record.word(primitive.instance)?.text === last.instance;
}

/** Between dropping a lock and naming it stand other locks dropped with it, and what waking a waiter takes. */
export function mayPrecedeName(name: string, meaning: EventMeaning | undefined): boolean {
  if (meaning?.named?.primitive === 'precedes' || meaning?.primitive?.rule.action === 'drop') return true;
  return name.startsWith('lock_') || name.startsWith('contention_');
}

/** The handler returned: what follows is the architecture's, which drops `mmap_lock`. */
function exitFault(to: Classifier, task: TaskState, fault: OpenFault, place: Placed): void {
  if (fault.exited) return;
  fault.exited = true;
  to.closeDraft(task);
  const kind = kindOf(fault);
  const { access, fs } = fault;
  const detail = fs === undefined ? kind : `${fs} ${kind}`;
  const ret = fault.handlerSeen ? fault.ret : undefined;
  to.emitView(task, new FaultView('exit', task.name, place, access, detail, ret));
}

export function closeFault(to: Classifier, task: TaskState, complete: boolean): void {
  const { fault } = task;
  if (fault === undefined) return;
  if (!fault.exited) exitFault(to, task, fault, lastPlace(fault));
  to.closeDraft(task);
  task.fault = undefined;
  task.dax = undefined;
  task.afterSync = undefined;
  if (!to.wantsFault(fault.fs)) return;
  const { fs, address, inode, ret } = fault;
  to.deliverFault({
    task: task.name,
    ...(fs === undefined ? {} : { fs }),
    kind: kindOf(fault),
    access: fault.access,
    ...(address === undefined ? {} : { address }),
    ...(inode === undefined ? {} : { inode }),
    ...(ret === undefined ? {} : { ret }),
    where: fault.where.where,
    events: fault.events.map(plainEvent),
    reclaims: fault.reclaims.map(reclaimFact),
    dropped: fault.dropped,
    complete,
    ...(fault.kernelMode && !fault.handlerSeen && fault.level === undefined ? { openEnded: true } : {}),
    ...(fault.unmatched === undefined ? {} : { contradiction: fault.unmatched.where }),
  });
}

/** A fault whose end was not recorded ends where its last event stands. */
function lastPlace(fault: OpenFault): Placed {
  const where = fault.events.at(-1)?.where;
  return where === undefined ? fault.where : { where };
}

function reclaimFact({ via, effective, where, took, enteredBy }: FaultReclaim): TraceReclaim {
  const fact = { via, effective, where: where.where, took: [...took] };
  if (enteredBy === undefined) return fact;
  return { ...fact, enteredBy: { site: enteredBy.site, where: enteredBy.where } };
}

function kindOf(fault: OpenFault): string {
  let kind: string = fault.route ?? (fault.fs === undefined ? 'anon' : 'page');
  if (fault.sync) kind += ' sync';
  kind += ` ${fault.access}`;
  if (fault.state !== undefined) kind += ` ${fault.state}`;
  if (fault.level !== undefined) kind += ` ${fault.level}`;
  return kind;
}

function begin(
  to: Classifier,
  task: TaskState,
  record: SourceRecord,
  access: FaultEvent['access'],
  kernelMode: boolean,
): OpenFault {
  const where = to.whereOf(record);
  const fault: OpenFault = {
    where,
    events: [],
    reclaims: [],
    kernelMode,
    access,
    sync: false,
    handlerSeen: false,
    maybeOver: false,
    dropped: 0,
    exited: false,
  };
  const address = record.word(ADDRESS);
  if (address !== undefined) fault.address = address.text;
  task.fault = fault;
  to.emitView(task, new FaultView('enter', task.name, where, access));
  return fault;
}

/** Events that say where in a fault, or in reclaim, the task is. */
export function onEntry(to: Classifier, task: TaskState, record: SourceRecord, rule: EntryRule): void {
  switch (rule.what) {
    case 'fault-begin':
      onFaultBegin(to, task, record, rule.detail === 'kernel');
      break;
    case 'fault-handler':
      onHandler(to, task, record);
      break;
    case 'fault-return':
      onReturn(to, task, record);
      break;
    case 'page-cache':
      if (task.fault !== undefined) task.fault.route ??= 'page';
      break;
    case 'mkwrite':
      if (task.fault !== undefined) task.fault.route ??= 'page';
      break;
    case 'reclaim-begin':
      onReclaimBegin(to, task, record, rule.detail === 'memcg' ? 'memcg' : 'direct');
      break;
    case 'reclaim-end':
      onReclaimEnd(to, task, record, rule.detail === 'memcg' ? 'memcg' : 'direct');
      break;
    case 'evict':
      break;
    default:
      onDax(to, task, record, rule);
  }
}

function onFaultBegin(to: Classifier, task: TaskState, record: SourceRecord, kernelMode: boolean): void {
  if (task.fault !== undefined) closeFault(to, task, task.fault.maybeOver);
  const code = record.number(ERROR_CODE) ?? 0;
  const write = (code & ERROR_WRITE) !== 0;
  const access = write ? ((code & ERROR_PRESENT) !== 0 ? 'mkwrite' : 'write') : 'read';
  begin(to, task, record, access, kernelMode);
}

function onHandler(to: Classifier, task: TaskState, record: SourceRecord): void {
  const flags = record.number(FLAGS) ?? 0;
  const fault = task.fault ?? begin(to, task, record, (flags & FAULT_FLAG_WRITE) !== 0 ? 'write' : 'read', false);
  fault.handlerSeen = true;
  if ((flags & FAULT_FLAG_VMA_LOCK) !== 0) {
    const address = fault.address ?? 'unknown';
    take(to, task, to.whereOf(record), {
      lock: 'vma_lock',
      instance: `vma_lock:${address}`,
      mode: 'shared',
      kind: 'rwsem',
      trylock: true,
    });
  }
}

function onReturn(to: Classifier, task: TaskState, record: SourceRecord): void {
  const { fault } = task;
  if (fault === undefined) return;
  const where = to.whereOf(record);
  const vma = heldClass(task, 'vma_lock');
  if (vma !== undefined) drop(to, task, record, vma.word);
  const ret = record.number(RET);
  if (ret === undefined) return;
  const names = vmFaultNames(ret);
  if (names.includes('RETRY')) return;
  fault.ret = names;
  fault.maybeOver = true;
  exitFault(to, task, fault, where);
  if (!task.holds('mmap_lock')) closeFault(to, task, true);
}

function heldClass(task: TaskState, lock: string): LockView | undefined {
  for (const held of task.held) if (held.lock === lock) return held;
  return undefined;
}

function onReclaimBegin(to: Classifier, task: TaskState, record: SourceRecord, via: 'direct' | 'memcg'): void {
  const effective = to.masks.fact(record.word(GFP_FLAGS), 'recorded');
  const place = to.whereOf(record);
  if (task.reclaim.length >= MAX_NESTED_RECLAIMS) giveUpReclaim(to, task, place);
  const reclaims = task.fault?.reclaims;
  if (reclaims !== undefined && reclaims.length < MAX_RECLAIMS) {
    reclaims.push({ via, effective, where: place, took: new Set(), over: false });
  }
  task.reclaim.push({ via, effective, where: place });
  to.emit(task, { type: 'reclaim', action: 'enter', task: task.name, where: place.where, via, effective });
}

/** The outermost one, whose end was not recorded. */
function giveUpReclaim(to: Classifier, task: TaskState, { where }: Placed): void {
  const outermost = task.reclaim.shift();
  if (outermost === undefined) return;
  const { via, effective } = outermost;
  to.giveUp(task, `${via} reclaim`, outermost.where.where);
  to.emit(task, { type: 'reclaim', action: 'exit', task: task.name, where, via, effective });
}

function onReclaimEnd(to: Classifier, task: TaskState, record: SourceRecord, via: 'direct' | 'memcg'): void {
  const open = task.reclaim.pop();
  if (open === undefined) return;
  const last = task.fault?.reclaims.at(-1);
  if (last !== undefined) last.over = true;
  to.emit(task, {
    type: 'reclaim',
    action: 'exit',
    task: task.name,
    where: to.whereOf(record).where,
    via,
    effective: open.effective,
  });
}
