import type { FaultpathEvent, LockEvent, MaskFact, ReclaimEvent, ScopeEvent } from './events.ts';
import { mayBeReleasedByOthers } from './lock-class.ts';
import type { TaskContext } from './rule.ts';

interface TaskState {
  readonly task: string;
  held: LockEvent[];
  scopes: ScopeEvent[];
  reclaim?: { via: string; effective: MaskFact; heldAtEntry: number };
  reclaimDepth: number;
  faultDepth: number;
  inFault: boolean;
}

/**
 * Follows what every task holds and is inside of. Never trusts a stream to be complete: a release of something that was
 * not seen taken is ignored, a second exclusive take of one instance replaces the first, and after lost events nothing
 * is known of any task until it is seen again.
 */
export class TaskTracker {
  readonly #tasks = new Map<string, TaskState>();
  /** Events of one task mostly come in runs. */
  #last: TaskState | undefined;

  /** The context just before the next event of `task`; reused, so valid until the next call of `apply`. */
  context(task: string): TaskContext {
    return this.#state(task);
  }

  /** Every task seen, with what it holds now. */
  contexts(): Iterable<TaskContext> {
    return this.#tasks.values();
  }

  /** Takes the event into account. */
  apply(event: FaultpathEvent): void {
    switch (event.type) {
      case 'lock':
        if (event.action === 'acquired') this.#acquired(event);
        else if (event.action === 'release') this.#release(event);
        break;
      case 'scope':
        this.#scope(event);
        break;
      case 'reclaim':
        this.#reclaim(event);
        break;
      case 'fault': {
        const state = this.#state(event.task);
        state.faultDepth = event.action === 'enter' ? state.faultDepth + 1 : Math.max(0, state.faultDepth - 1);
        state.inFault = state.faultDepth > 0;
        break;
      }
      case 'lost':
        // A recording loses events of a CPU, not of a task: any task may have taken or released anything.
        this.#tasks.clear();
        this.#last = undefined;
        break;
      default:
        break;
    }
  }

  #state(task: string): TaskState {
    if (this.#last?.task === task) return this.#last;
    let state = this.#tasks.get(task);
    if (state === undefined) {
      state = { task, held: [], scopes: [], reclaimDepth: 0, faultDepth: 0, inFault: false };
      this.#tasks.set(task, state);
    }
    this.#last = state;
    return state;
  }

  #acquired(event: LockEvent): void {
    const state = this.#state(event.task);
    if (event.mode === 'exclusive') {
      const stale = find(state.held, event);
      if (stale !== -1) remove(state, stale);
    }
    state.held.push(event);
  }

  #release(event: LockEvent): void {
    const state = this.#state(event.task);
    const own = find(state.held, event);
    if (own !== -1) {
      remove(state, own);
      return;
    }
    if (!mayBeReleasedByOthers(event.kind)) return;
    for (const other of this.#tasks.values()) {
      const index = find(other.held, event);
      if (index === -1) continue;
      remove(other, index);
      return;
    }
  }

  #scope(event: ScopeEvent): void {
    const state = this.#state(event.task);
    if (event.action === 'enter') {
      state.scopes.push(event);
      return;
    }
    const open = state.scopes.findLastIndex((scope) => scope.scope === event.scope);
    if (open !== -1) state.scopes.splice(open, 1);
  }

  #reclaim(event: ReclaimEvent): void {
    const state = this.#state(event.task);
    if (event.action === 'enter') {
      // A shrinker inside direct reclaim is still direct reclaim: the outermost entry is what the task is in.
      if (state.reclaimDepth++ === 0) {
        state.reclaim = { via: event.via, effective: event.effective, heldAtEntry: state.held.length };
      }
      return;
    }
    if (state.reclaimDepth === 0) return;
    if (--state.reclaimDepth === 0) delete state.reclaim;
  }
}

function find(held: readonly LockEvent[], { lock, instance }: LockEvent): number {
  for (let i = held.length - 1; i >= 0; i--) {
    const one = held[i]!;
    // Names differ sooner than addresses, which begin alike.
    if (one.lock === lock && one.instance === instance) return i;
  }
  return -1;
}

function remove(state: TaskState, index: number): void {
  if (index === state.held.length - 1) state.held.pop();
  else state.held.splice(index, 1);
  if (state.reclaim !== undefined && index < state.reclaim.heldAtEntry) state.reclaim.heldAtEntry--;
}
