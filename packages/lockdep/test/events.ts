import type {
  AllocEvent,
  FaultEvent,
  FaultpathEvent,
  LockEvent,
  LockKind,
  LockMode,
  MaskFact,
  MaskStoreEvent,
  ReclaimEvent,
  ScopeEvent,
  WaitEvent,
} from '../src/index.ts';

export const GFP_KERNEL: MaskFact = { how: 'recorded', text: 'GFP_KERNEL', fs: true, io: true, directReclaim: true };
export const GFP_NOFS: MaskFact = { how: 'recorded', text: 'GFP_NOFS', fs: false, io: true, directReclaim: true };
export const GFP_NOIO: MaskFact = { how: 'recorded', text: 'GFP_NOIO', fs: false, io: false, directReclaim: true };
export const GFP_NOWAIT: MaskFact = { how: 'recorded', text: 'GFP_NOWAIT', fs: false, io: false, directReclaim: false };
export const GFP_NOLOCKDEP: MaskFact = { ...GFP_KERNEL, text: 'GFP_KERNEL|__GFP_NOLOCKDEP', nolockdep: true };

/** Events of one task, in short words. */
export class Script {
  readonly events: FaultpathEvent[] = [];
  #task = 'a';

  task(task: string): this {
    this.#task = task;
    return this;
  }

  #lock(action: LockEvent['action'], lock: string, mode: LockMode, extra: Partial<LockEvent>): this {
    this.events.push({ type: 'lock', task: this.#task, action, lock, instance: lock, mode, kind: 'mutex', ...extra });
    return this;
  }

  take(lock: string, extra: Partial<LockEvent> = {}): this {
    return this.#lock('acquired', lock, 'exclusive', extra);
  }

  /** The task is in these functions, innermost first. */
  call(...backtrace: readonly [string, ...string[]]): this {
    this.events.push({ type: 'call', task: this.#task, fn: backtrace[0], backtrace });
    return this;
  }

  data(action: 'read' | 'change', data: string, instance: string): this {
    this.events.push({ type: 'data', task: this.#task, action, data, instance, backtrace: ['f1'] });
    return this;
  }

  read(lock: string, extra: Partial<LockEvent> = {}): this {
    return this.#lock('acquired', lock, 'shared', { kind: 'rwsem', ...extra });
  }

  readAgain(lock: string, extra: Partial<LockEvent> = {}): this {
    return this.#lock('acquired', lock, 'recursive-shared', { kind: 'rwlock', ...extra });
  }

  want(lock: string, extra: Partial<LockEvent> = {}): this {
    return this.#lock('acquire', lock, 'exclusive', extra);
  }

  drop(...locks: string[]): this {
    for (const lock of locks) this.#lock('release', lock, 'exclusive', {});
    return this;
  }

  dropAs(lock: string, kind: LockKind, instance = lock): this {
    return this.#lock('release', lock, 'exclusive', { kind, instance });
  }

  wait(lock: string, kind: LockKind): this {
    const event: WaitEvent = { type: 'wait', task: this.#task, lock, instance: lock, kind };
    this.events.push(event);
    return this;
  }

  alloc(effective: MaskFact, extra: Partial<AllocEvent> = {}): this {
    this.events.push({ type: 'alloc', task: this.#task, site: 'kmalloc', requested: effective, effective, ...extra });
    return this;
  }

  reclaim(via: ReclaimEvent['via'], effective: MaskFact = GFP_KERNEL): this {
    this.events.push({ type: 'reclaim', task: this.#task, action: 'enter', via, effective });
    return this;
  }

  reclaimed(via: ReclaimEvent['via'] = 'direct', effective: MaskFact = GFP_KERNEL): this {
    this.events.push({ type: 'reclaim', task: this.#task, action: 'exit', via, effective });
    return this;
  }

  scope(scope: ScopeEvent['scope'], by = 'memalloc_nofs_save'): this {
    this.events.push({ type: 'scope', task: this.#task, action: 'enter', scope, by });
    return this;
  }

  unscope(scope: ScopeEvent['scope'], by = 'memalloc_nofs_restore'): this {
    this.events.push({ type: 'scope', task: this.#task, action: 'exit', scope, by });
    return this;
  }

  fault(extra: Partial<FaultEvent> = {}): this {
    this.events.push({ type: 'fault', task: this.#task, action: 'enter', access: 'write', ...extra });
    return this;
  }

  ret(...codes: string[]): this {
    this.events.push({ type: 'fault', task: this.#task, action: 'exit', access: 'write', ret: codes });
    return this;
  }

  store(from: MaskFact, to: MaskFact, extra: Partial<MaskStoreEvent> = {}): this {
    this.events.push({ type: 'mask-store', task: this.#task, cell: 'vmf', from, to, by: 'ext4_dax_fault', ...extra });
    return this;
  }

  lost(): this {
    this.events.push({ type: 'lost', task: this.#task });
    return this;
  }
}

export function script(): Script {
  return new Script();
}
