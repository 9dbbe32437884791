import type { EntryRule } from '@faultpath/lockdep';
import type { Place } from '../place.ts';
import type { SourceRecord } from '../record.ts';
import { Word } from '../word.ts';
import type { Classifier } from './classifier.ts';
import { drop, take } from './locks.ts';
import { beginningOfDax, resultOfDax } from './record-texts.ts';
import type { DaxWindow, OpenFault, TaskState } from './task-state.ts';

const copy = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');

/** Events that say what DAX does in a fault: the entry that it locks, what is mapped, and the second half of a sync fault. */
export function onDax(to: Classifier, task: TaskState, record: SourceRecord, rule: EntryRule): void {
  const { fault, dax } = task;
  if (rule.what === 'dax-sync-map') {
    lockSyncEntry(to, task, to.whereOf(record));
    return;
  }
  if (rule.what === 'dax-sync-mapped') {
    endSync(to, task, record, rule.detail !== 'no-entry');
    return;
  }
  if (dax === undefined && rule.what !== 'dax-begin') return;
  switch (rule.what) {
    case 'dax-begin': {
      const inode = `${record.getText('dev') ?? '?'} inode ${record.getText('ino') ?? '?'}`;
      const level = rule.detail ?? 'pte';
      task.dax = {
        instance: copy(`${inode} page ${record.getText('pgoff') ?? '?'} ${level}`),
        level,
        owner: { object: copy(inode) },
        grabProbe: false,
        entryHeld: false,
      };
      if (fault !== undefined) {
        fault.route = 'dax';
        fault.inode = copy(inode);
        const beginning = beginningOfDax(record);
        if (beginning !== 'other') fault.access = beginning;
      }
      break;
    }
    case 'dax-grab':
      if (dax !== undefined) dax.grabProbe = true;
      break;
    case 'dax-grabbed':
      // An internal entry is an error code, a value entry is a locked entry.
      if (dax !== undefined && ((record.getNumber('entry') ?? record.getNumber('ret') ?? 0) & 1) === 1)
        lockEntry(to, task, to.whereOf(record));
      break;
    case 'dax-mapping':
      if (dax !== undefined) {
        if (!dax.grabProbe) lockEntry(to, task, to.whereOf(record));
        const ops = /^([a-z0-9]+)_\w*iomap_ops/.exec(record.getText('ops') ?? '');
        if (fault !== undefined && ops?.[1] !== undefined && fault.fs === undefined) {
          fault.fs = to.intern(ops[1]);
          to.filesystems.add(fault.fs);
        }
      }
      break;
    case 'dax-mapped':
      if (dax !== undefined && fault !== undefined) onMapped(fault, record, rule.detail);
      break;
    case 'dax-end':
      if (dax !== undefined) endDax(to, task, record);
      break;
    default:
      break;
  }
}

function lockEntry(to: Classifier, task: TaskState, where: Place): void {
  if (task.dax !== undefined) lockEntryOf(to, task, task.dax, where, 'grab_mapping_entry');
}

/** `dax_finish_sync_fault` locks the entry again, without an event of its own, when the blocks are durable. */
export function lockSyncEntry(to: Classifier, task: TaskState, where: Place): void {
  if (task.afterSync !== undefined) lockEntryOf(to, task, task.afterSync, where, 'dax_finish_sync_fault');
}

/**
 * The task takes `fs_reclaim`. Making blocks durable asks for no memory that may enter filesystems, so with no more locks
 * than before that it is the page-table page's, and the entry is locked by now.
 */
export function beforeFsReclaim(to: Classifier, task: TaskState, where: Place): void {
  const { afterSync, held } = task;
  if (afterSync !== undefined && held.length <= (afterSync.heldBefore ?? 0)) lockSyncEntry(to, task, where);
}

/** The kernel prints this after it has unlocked the entry, or has found none. */
function endSync(to: Classifier, task: TaskState, record: SourceRecord, locked: boolean): void {
  const { afterSync } = task;
  task.afterSync = undefined;
  if (afterSync === undefined) return;
  if (locked) lockEntryOf(to, task, afterSync, to.whereOf(record), 'dax_finish_sync_fault');
  if (afterSync.entryHeld) drop(to, task, record, new Word(afterSync.instance));
}

function lockEntryOf(to: Classifier, task: TaskState, dax: DaxWindow, where: Place, by: string): void {
  if (dax.entryHeld) return;
  dax.entryHeld = true;
  take(to, task, where, {
    lock: 'dax_entry',
    instance: dax.instance,
    mode: 'exclusive',
    kind: 'dax-entry',
    trylock: false,
    owner: dax.owner,
    backtrace: [by],
  });
}

function onMapped(fault: OpenFault, record: SourceRecord, detail: string | undefined): void {
  if (detail !== undefined) {
    fault.state = detail;
    return;
  }
  const type = record.getText('type');
  const flags = (record.getText('flags') ?? '').split('|');
  if (type === 'HOLE') fault.state = 'hole';
  else if (type === 'UNWRITTEN') fault.state = 'unwritten';
  else if (type === 'MAPPED') fault.state = flags.includes('NEW') || fault.state === 'new' ? 'new' : 'mapped';
}

/** The kernel prints this after it has unlocked the entry. */
function endDax(to: Classifier, task: TaskState, record: SourceRecord): void {
  const { dax, fault } = task;
  if (dax === undefined) return;
  if (dax.entryHeld) drop(to, task, record, new Word(dax.instance));
  task.dax = undefined;
  const result = resultOfDax(record).split('|');
  if (fault === undefined) return;
  if (result.includes('NEEDDSYNC')) {
    fault.sync = true;
    task.afterSync = { ...dax, entryHeld: false, heldBefore: task.held.length };
  }
  if (result.includes('FALLBACK')) return;
  if (result.includes('DONE_COW')) fault.access = 'cow';
  fault.level = dax.level;
  if (!fault.handlerSeen && !fault.sync) fault.ret = result.map(copy);
}
