import type { TraceScopeRule } from '@faultpath/lockdep';
import type { Place } from '../place.ts';
import type { SourceRecord } from '../record.ts';
import { Word } from '../word.ts';
import type { Classifier } from './classifier.ts';
import { contradict, drop, take } from './locks.ts';
import { requestedBy } from './record-texts.ts';
import type { TaskState } from './task-state.ts';

/** Scopes nest a few deep at most; beyond it their ends are not recorded. */
const MAX_SCOPES = 64;

/** Somebody asks for a handle. When no beginning follows, the task already had one and the start was nested. */
export function onScopeRequest(task: TaskState, record: SourceRecord): void {
  task.request = requestedBy(record);
}

export function onScopeEnter(to: Classifier, task: TaskState, record: SourceRecord, rule: TraceScopeRule): void {
  const place = to.whereOf(record);
  if (task.scopes.length >= MAX_SCOPES) giveUpOldest(to, task, place);
  const instance = instanceOf(record, rule);
  const nofs = rule.nofsSince !== undefined && isAtLeast(to.kernel.release, rule.nofsSince);
  const caller = task.request;
  task.request = undefined;
  // With lockdep the handle is a lock that was already seen by name.
  if (rule.lock !== undefined && !(to.lockdepSeen && task.holds(rule.lock))) {
    const kind = to.vocabulary.kinds.get(rule.lock) ?? 'unknown';
    take(to, task, place, {
      lock: rule.lock,
      instance,
      mode: rule.scope === 'handle' ? 'shared' : 'exclusive',
      kind,
      trylock: false,
      backtrace: caller === undefined ? undefined : [caller],
    });
  }
  const backtrace = caller === undefined ? {} : { backtrace: [rule.by, caller] };
  to.emit(task, {
    type: 'scope',
    action: 'enter',
    task: task.name,
    where: place.where,
    scope: rule.scope,
    by: rule.by,
    ...backtrace,
  });
  task.scopes.push({ by: rule.by, instance, nofs, where: place, rule, frees: 1 });
  if (nofs) {
    task.nofs += 1;
    to.emit(task, { type: 'scope', action: 'enter', task: task.name, where: place.where, scope: 'NOFS', by: rule.by });
  }
}

/** A rolled transaction lives on under another name: its next end is not the scope's. */
export function onScopeHandOver(task: TaskState, _record: SourceRecord, rule: TraceScopeRule): void {
  const open = task.scopes.findLast((scope) => scope.by === rule.by);
  if (open !== undefined) open.frees += 1;
}

export function onScopeExit(to: Classifier, task: TaskState, record: SourceRecord, rule: TraceScopeRule): void {
  const at = task.scopes.findLastIndex((scope) => scope.by === rule.by);
  const open = task.scopes[at];
  // A transaction that failed to reserve ends without ever having begun.
  if (open === undefined) {
    if (task.fault !== undefined) task.fault.unmatched ??= to.whereOf(record);
    return;
  }
  open.frees -= 1;
  if (open.frees > 0) return;
  leave(to, task, at, to.whereOf(record));
  const own = `${rule.lock ?? ''}:`;
  if (rule.lock !== undefined && task.held.some((held) => held.lock === rule.lock && held.instance.startsWith(own))) {
    drop(to, task, record, new Word(open.instance));
  }
}

function leave(to: Classifier, task: TaskState, at: number, { where }: Place): void {
  for (const { nofs, rule } of task.scopes.splice(at, 1)) {
    const exit = { type: 'scope', action: 'exit', task: task.name, where, by: rule.by } as const;
    if (nofs) {
      task.nofs -= 1;
      to.emit(task, { ...exit, scope: 'NOFS' });
    }
    to.emit(task, { ...exit, scope: rule.scope });
  }
}

/** Its lock, if it is held, is given up as locks are. */
function giveUpOldest(to: Classifier, task: TaskState, place: Place): void {
  const [oldest] = task.scopes;
  if (oldest === undefined) return;
  to.giveUp(task, `the ${oldest.rule.scope} ${oldest.instance}`, oldest.where.where);
  contradict(task, place);
  leave(to, task, 0, place);
}

function instanceOf(record: SourceRecord, rule: TraceScopeRule): string {
  const parts = rule.instance.map((field) => record.getText(field) ?? '?');
  return Buffer.from(`${rule.lock ?? rule.scope}:${parts.join(' ')}`, 'latin1').toString('latin1');
}

/** Compares `major.minor` only. */
function isAtLeast(release: string, least: string): boolean {
  const [major = 0, minor = 0] = (release.match(/\d+/g) ?? []).map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
