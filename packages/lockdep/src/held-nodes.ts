import type { LockEvent, LockKind, LockMode } from './events.ts';
import { HeldSets } from './held-sets.ts';
import { type LockClass, modeNumber } from './lock-class.ts';
import type { TaskContext } from './rule.ts';
import { cannotWait, type ReclaimPlace, reclaimPlace, sees, type Theory } from './theory.ts';

/** What a task held when it was last looked at, oldest first, and the node that each led to. */
interface Walk {
  readonly events: LockEvent[];
  readonly nodes: number[];
}

type ClassOf = (lock: string, subclass: number, kind: LockKind) => LockClass;

/** A number for everything that a task holds and is inside of: what looks the same to the theory has the same one. */
export class HeldNodes {
  readonly #theory: Theory;
  readonly #instances: boolean;
  readonly #classOf: ClassOf;
  readonly #sets = new HeldSets();
  readonly #words = new Map<string, number>();
  readonly #walks = new Map<string, Walk>();
  #lastTask = '';
  #lastWalk: Walk = { events: [], nodes: [] };

  constructor(theory: Theory, instances: boolean, classOf: ClassOf) {
    this.#theory = theory;
    this.#instances = instances;
    this.#classOf = classOf;
  }

  /** The node of what is held; another one when that includes the lock asked for. */
  held(context: TaskContext, lock?: string, instance?: string): number {
    const { held, reclaim } = context;
    const place = reclaimPlace(this.#theory, reclaim);
    const node = place === undefined ? this.#plain(context) : this.#inReclaim(held, reclaim!, place);
    if (lock === undefined) return node;
    for (let i = 0; i < held.length; i++) {
      const one = held[i]!;
      if (one.lock === lock && one.instance === instance && sees(this.#theory, one)) return this.#sets.step(node, 6);
    }
    return node;
  }

  step(node: number, token: number): number {
    return this.#sets.step(node, token);
  }

  owner(node: number, owner: NonNullable<LockEvent['owner']>): number {
    let next = owner.referenced === undefined ? node : this.#sets.step(node, owner.referenced ? 4 : 5);
    if (owner.superblock !== undefined) next = this.#sets.step(next, this.word(owner.superblock));
    return next;
  }

  filesystem(node: number, name: string): number {
    return this.#sets.step(node, this.word(name));
  }

  /** A negative number for each distinct word, so that words and lock tokens never meet. */
  word(word: string): number {
    const known = this.#words.get(word);
    if (known !== undefined) return known;
    const fresh = -1 - this.#words.size;
    this.#words.set(word, fresh);
    return fresh;
  }

  /** Outside of reclaim. Events never change, so this goes on behind the locks that were held the last time too. */
  #plain({ task, held }: TaskContext): number {
    const { events, nodes } = this.#walkOf(task);
    const { length } = held;
    let at = 0;
    while (at < length && at < events.length && events[at] === held[at]) at++;
    while (events.length > at) {
      events.pop();
      nodes.pop();
    }
    let node = at === 0 ? 0 : nodes[at - 1]!;
    for (; at < length; at++) {
      const one = held[at]!;
      node = this.#take(node, one);
      events.push(one);
      nodes.push(node);
    }
    return node;
  }

  #walkOf(task: string): Walk {
    if (task === this.#lastTask) return this.#lastWalk;
    let walk = this.#walks.get(task);
    if (walk === undefined) {
      walk = { events: [], nodes: [] };
      this.#walks.set(task, walk);
    }
    this.#lastTask = task;
    this.#lastWalk = walk;
    return walk;
  }

  #inReclaim(held: readonly LockEvent[], reclaim: NonNullable<TaskContext['reclaim']>, place: ReclaimPlace): number {
    const entry = reclaim.heldAtEntry ?? held.length;
    const word = this.word(`in ${place.level} ${reclaim.via}`);
    let node = 0;
    for (let i = 0; i < held.length; i++) {
      if (i === entry) node = this.#sets.step(node, word);
      node = this.#take(node, held[i]!);
    }
    return entry >= held.length ? this.#sets.step(node, word) : node;
  }

  #take(from: number, one: LockEvent): number {
    if (!sees(this.#theory, one)) return from;
    const lockClass = this.#classOf(one.lock, one.subclass ?? 0, one.kind);
    let node = this.#sets.step(from, lockToken(lockClass, one.mode, cannotWait(this.#theory, one)));
    if (one.owner !== undefined) node = this.owner(node, one.owner);
    if (one.filesystem !== undefined) node = this.filesystem(node, one.filesystem);
    return this.#instances ? this.#sets.step(node, this.word(one.instance)) : node;
  }
}

export function lockToken(lockClass: LockClass, mode: LockMode, trylock: boolean): number {
  return 64 + lockClass.index * 8 + modeNumber[mode] * 2 + Number(trylock);
}
