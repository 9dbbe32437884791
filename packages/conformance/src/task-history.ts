import type { FaultpathEvent, LockEvent, MaskFact, ScopeEvent, TaskContext } from '@faultpath/lockdep';

/** What one task holds and is inside of after some of its events. Immutable: a model's history branches. */
export interface TaskHistory extends TaskContext {
  readonly reclaim?: { readonly via: string; readonly effective: MaskFact; readonly heldAtEntry: number };
}

/** A task before its first event. */
export function emptyHistory(task: string): TaskHistory {
  return { task, held: [], scopes: [], inFault: false };
}

/** The history after one more event. */
export function afterEvent(history: TaskHistory, event: FaultpathEvent): TaskHistory {
  switch (event.type) {
    case 'lock':
      if (event.action === 'acquired') return { ...history, held: [...history.held, event] };
      if (event.action === 'release') return { ...history, held: without(history.held, event) };
      return history;
    case 'scope':
      return { ...history, scopes: scopesAfter(history.scopes, event) };
    case 'reclaim':
      if (event.action === 'enter') {
        if (history.reclaim !== undefined) return history;
        const { via, effective } = event;
        return { ...history, reclaim: { via, effective, heldAtEntry: history.held.length } };
      }
      return leaveReclaim(history);
    case 'fault':
      return { ...history, inFault: event.action === 'enter' };
    default:
      return history;
  }
}

function without(held: readonly LockEvent[], event: LockEvent): readonly LockEvent[] {
  const at = held.findLastIndex((other) => other.instance === event.instance && other.lock === event.lock);
  return at < 0 ? held : held.toSpliced(at, 1);
}

function scopesAfter(scopes: readonly ScopeEvent[], event: ScopeEvent): readonly ScopeEvent[] {
  if (event.action === 'enter') return [...scopes, event];
  const at = scopes.findLastIndex((other) => other.scope === event.scope);
  return at < 0 ? scopes : scopes.toSpliced(at, 1);
}

function leaveReclaim(history: TaskHistory): TaskHistory {
  const { reclaim: _, ...rest } = history;
  return rest;
}
