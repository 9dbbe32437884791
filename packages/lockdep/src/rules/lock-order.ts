import { LockdepError } from '../errors.ts';
import type { LockEvent, WaitEvent } from '../events.ts';
import type { Finding } from '../finding.ts';
import type { LockOrder, Rule } from '../rule.ts';
import { cannotWait } from '../theory.ts';

/** A declared order, closed under "outer of the outer". */
export class DeclaredOrder {
  readonly #inner = new Map<string, Set<string>>();

  /** Throws `FAULTPATH_LOCK_ORDER_CYCLE` when a lock would be its own outer lock. */
  constructor(order: LockOrder) {
    for (const [outer, inner] of pairs(order)) {
      const known = this.#inner.get(outer) ?? new Set();
      known.add(inner);
      this.#inner.set(outer, known);
    }
    for (const lock of this.#inner.keys()) {
      if (this.isOuter(lock, lock)) {
        throw new LockdepError('FAULTPATH_LOCK_ORDER_CYCLE', `lockOrder says that ${lock} is taken inside itself`);
      }
    }
  }

  /** Whether `outer` was declared to be taken before `inner`, directly or through others. */
  isOuter(outer: string, inner: string): boolean {
    const seen = new Set<string>();
    const queue = [outer];
    for (let lock = queue.pop(); lock !== undefined; lock = queue.pop()) {
      for (const next of this.#inner.get(lock) ?? []) {
        if (next === inner) return true;
        if (!seen.has(next)) {
          seen.add(next);
          queue.push(next);
        }
      }
    }
    return false;
  }
}

function pairs(order: LockOrder): readonly (readonly [string, string])[] {
  const list: (readonly [string, string])[] = [];
  order.forEach((entry, index) => {
    if (typeof entry !== 'string') {
      list.push([entry[0], entry[1]]);
      return;
    }
    const next = order[index + 1];
    if (typeof next === 'string') list.push([entry, next]);
  });
  return list;
}

/** Every acquisition that can wait agrees with the order that the adapter declares. */
export const lockOrder: Rule = {
  id: 'lock/order',
  title: 'Locks are taken in the declared order',
  level: 'error',
  needs: ['locks', 'lock-order'],
  watched: true,
  start(setup = {}) {
    const order = new DeclaredOrder(setup.lockOrder ?? []);
    const findings: Finding[] = [];
    /** By what was held, what was taken inside: asked for each lock held at each step. */
    const checked = new Map<string, Set<string>>();

    const check = (event: LockEvent | WaitEvent, held: LockEvent): void => {
      let inside = checked.get(held.lock);
      if (inside?.has(event.lock) === true) return;
      inside ??= new Set();
      checked.set(held.lock, inside.add(event.lock));
      setup.watch?.news();
      if (!order.isOuter(event.lock, held.lock)) return;
      findings.push({
        rule: 'lock/order',
        level: 'error',
        claim: `${event.lock} is taken inside ${held.lock}, which the declared order puts inside ${event.lock}`,
        because: [
          {
            text: `${event.task} holds ${held.lock}`,
            task: event.task,
            ...(held.where && { where: held.where }),
            ...(held.backtrace && { backtrace: held.backtrace }),
          },
          {
            text: `and then takes ${event.lock}`,
            task: event.task,
            ...(event.where && { where: event.where }),
            ...(event.backtrace && { backtrace: event.backtrace }),
          },
        ],
        ...(event.where && { where: event.where }),
      });
    };

    return {
      types: ['lock', 'wait'],
      onEvent(event, context) {
        if (event.type !== 'lock' && event.type !== 'wait') return;
        if (event.type === 'lock' && (event.action === 'release' || cannotWait('faultpath', event))) return;
        // Reclaim works on other inodes, perhaps of another filesystem: what was held before it has no place in this
        // order. Whether that may recurse is what gfp/fs-recursion asks.
        const { reclaim, held } = context;
        const own = reclaim === undefined ? held : held.slice(reclaim.heldAtEntry ?? held.length);
        for (const one of own) check(event, one);
      },
      finish: () => findings,
    };
  },
};
