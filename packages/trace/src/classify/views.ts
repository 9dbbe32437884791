import type {
  AllocEvent,
  FaultEvent,
  FaultpathEvent,
  LockEvent,
  LockKind,
  LockMode,
  MaskFact,
  OwnerFact,
  Where,
} from '@faultpath/lockdep';
import type { Word } from '../word.ts';

/** Whatever knows its place: a record's, or another event. */
export interface Placed {
  readonly where: Where;
}

/**
 * What takings of one lock class by one caller have in common. Made once for each, so that an event is no more than a
 * task, a place, an address and one of these.
 */
export class LockShape {
  readonly lock: string;
  readonly mode: LockMode;
  readonly kind: LockKind;
  readonly subclass: number | undefined;
  readonly trylock: boolean;
  readonly owner: OwnerFact | undefined;
  readonly backtrace: readonly string[] | undefined;
  /** Kind of filesystem that it belongs to, where that is known. */
  readonly filesystem: string | undefined;
  #released: LockShape | undefined = undefined;

  constructor(
    lock: string,
    mode: LockMode,
    kind: LockKind,
    subclass: number | undefined,
    trylock: boolean,
    owner: OwnerFact | undefined,
    backtrace: readonly string[] | undefined,
    filesystem?: string,
  ) {
    this.lock = lock;
    this.mode = mode;
    this.kind = kind;
    this.subclass = subclass;
    this.trylock = trylock;
    this.owner = owner;
    this.backtrace = backtrace;
    this.filesystem = filesystem;
  }

  /** Of the release: how the lock was taken is no part of it. */
  get released(): LockShape {
    const { lock, mode, kind, subclass, owner, filesystem } = this;
    this.#released ??= new LockShape(lock, mode, kind, subclass, false, owner, undefined, filesystem);
    return this.#released;
  }

  withBacktrace(backtrace: readonly string[]): LockShape {
    const { lock, mode, kind, subclass, trylock, owner, filesystem } = this;
    return new LockShape(lock, mode, kind, subclass, trylock, owner, backtrace, filesystem);
  }
}

/**
 * A lock event that is read like the plain one and holds nothing of its own: the judge looks at most events once, and
 * only who keeps one pays for its parts.
 */
export class LockView {
  readonly action: 'acquired' | 'contended' | 'release';
  readonly task: string;
  readonly place: Placed;
  readonly word: Word;
  shape: LockShape;

  constructor(action: 'acquired' | 'contended' | 'release', task: string, place: Placed, word: Word, shape: LockShape) {
    this.action = action;
    this.task = task;
    this.place = place;
    this.word = word;
    this.shape = shape;
  }

  get type(): 'lock' {
    return 'lock';
  }
  get where(): Where {
    return this.place.where;
  }
  get lock(): string {
    return this.shape.lock;
  }
  get instance(): string {
    return this.word.text;
  }
  get mode(): LockMode {
    return this.shape.mode;
  }
  get kind(): LockKind {
    return this.shape.kind;
  }
  get subclass(): number | undefined {
    return this.shape.subclass;
  }
  get trylock(): true | undefined {
    return this.shape.trylock ? true : undefined;
  }
  get owner(): OwnerFact | undefined {
    return this.shape.owner;
  }
  get backtrace(): readonly string[] | undefined {
    return this.shape.backtrace;
  }
  get filesystem(): string | undefined {
    return this.shape.filesystem;
  }

  plain(): LockEvent {
    const { subclass, trylock, owner, backtrace, filesystem } = this.shape;
    return {
      type: 'lock',
      action: this.action,
      task: this.task,
      where: this.where,
      lock: this.lock,
      instance: this.instance,
      mode: this.mode,
      kind: this.kind,
      ...(subclass === undefined ? {} : { subclass }),
      ...(trylock ? { trylock } : {}),
      ...(owner === undefined ? {} : { owner }),
      ...(filesystem === undefined ? {} : { filesystem }),
      ...(backtrace === undefined ? {} : { backtrace }),
    };
  }
}

/** An allocation; its site and backtrace may still become known by later records. */
export class AllocView {
  readonly task: string;
  readonly place: Placed;
  site: string;
  readonly requested: MaskFact;
  effective: MaskFact;
  readonly order: number | undefined;
  readonly charged: true | undefined;
  backtrace: readonly string[] | undefined = undefined;

  constructor(
    task: string,
    place: Placed,
    site: string,
    requested: MaskFact,
    effective: MaskFact,
    order: number | undefined,
    charged: boolean,
  ) {
    this.task = task;
    this.place = place;
    this.site = site;
    this.requested = requested;
    this.effective = effective;
    this.order = order;
    this.charged = charged ? true : undefined;
  }

  get type(): 'alloc' {
    return 'alloc';
  }
  get where(): Where {
    return this.place.where;
  }
  get mapping(): undefined {
    return undefined;
  }

  plain(): AllocEvent {
    const { order, charged, backtrace } = this;
    return {
      type: 'alloc',
      task: this.task,
      where: this.where,
      site: this.site,
      requested: this.requested,
      effective: this.effective,
      ...(order === undefined ? {} : { order }),
      ...(charged === undefined ? {} : { charged }),
      ...(backtrace === undefined ? {} : { backtrace }),
    };
  }
}

export class FaultView {
  readonly action: 'enter' | 'exit';
  readonly task: string;
  readonly place: Placed;
  readonly access: FaultEvent['access'];
  readonly detail: string | undefined;
  readonly ret: readonly string[] | undefined;

  constructor(
    action: 'enter' | 'exit',
    task: string,
    place: Placed,
    access: FaultEvent['access'],
    detail?: string,
    ret?: readonly string[],
  ) {
    this.action = action;
    this.task = task;
    this.place = place;
    this.access = access;
    this.detail = detail;
    this.ret = ret;
  }

  get type(): 'fault' {
    return 'fault';
  }
  get where(): Where {
    return this.place.where;
  }
  get backtrace(): undefined {
    return undefined;
  }

  plain(): FaultEvent {
    const { action, task, where, access, detail, ret } = this;
    return {
      type: 'fault',
      action,
      task,
      where,
      access,
      ...(detail === undefined ? {} : { detail }),
      ...(ret === undefined ? {} : { ret }),
    };
  }
}

export type View = LockView | AllocView | FaultView;

/**
 * A view as the event that it reads like. An optional member that is absent in the event is `undefined` in the view,
 * which is the only difference that a reader may see; nobody may list a view's members.
 */
export function asEvent(view: View): FaultpathEvent {
  return view as FaultpathEvent;
}

/** The event as plain data, for whoever keeps or prints it. */
export function plainEvent(event: FaultpathEvent): FaultpathEvent {
  if (event instanceof LockView || event instanceof AllocView || event instanceof FaultView) return event.plain();
  return event;
}
