import type { LockFact } from './dependency.ts';
import type { LockKind } from './events.ts';
import { FS_RECLAIM, IO_RECLAIM, type LockClass, seenByKernel } from './lock-class.ts';
import type { TaskContext } from './rule.ts';
import { cannotWait, reclaimPlace, sees, type Theory } from './theory.ts';

/** One thing that a task holds or, for a pseudo-lock, is inside of. */
export interface HeldItem {
  readonly fact: LockFact;
  readonly trylock: boolean;
  /** How far behind what is wanted now: 1 is the newest. */
  readonly distance: number;
  readonly beyondKernel?: string;
}

/** What a task holds, oldest first, with the reclaim pseudo-lock in its place. */
export function heldItems(
  theory: Theory,
  context: TaskContext,
  classOf: (lock: string, subclass: number, kind: LockKind) => LockClass,
): HeldItem[] {
  const place = reclaimPlace(theory, context.reclaim);
  const entry = context.reclaim?.heldAtEntry ?? context.held.length;
  const items: Omit<HeldItem, 'distance'>[] = [];
  const pushPlace = (): void => {
    if (place === undefined) return;
    const name = place.level === 'fs' ? FS_RECLAIM : IO_RECLAIM;
    const fact: LockFact = { class: classOf(name, 0, 'pseudo'), mode: 'exclusive' };
    items.push({ fact, trylock: false, ...(place.beyondKernel && { beyondKernel: place.beyondKernel }) });
  };
  context.held.forEach((event, index) => {
    if (index === entry) pushPlace();
    if (!sees(theory, event)) return;
    const { mode, instance, owner, kind, lock, subclass } = event;
    const fact: LockFact = {
      class: classOf(lock, subclass ?? 0, kind),
      mode,
      instance,
      event,
      ...(owner && { owner }),
    };
    const unseen = seenByKernel(kind) ? undefined : `the kernel has no class for ${fact.class.id}`;
    items.push({ fact, trylock: cannotWait(theory, event), ...(unseen && { beyondKernel: unseen }) });
  });
  if (entry >= context.held.length) pushPlace();
  return items.map((item, index) => ({ ...item, distance: items.length - index }));
}

/**
 * Which of the held things get an edge to what is wanted now. The kernel goes back to the newest one that was no
 * trylock, because that one already has edges from the older ones. That loses a dependency when the newest is a
 * recursive read, so here every one counts, back to the entry into reclaim: the older ones are tied to reclaim itself.
 */
export function waitsBehind(theory: Theory, items: readonly HeldItem[], wanted?: LockClass): readonly HeldItem[] {
  if (theory === 'kernel') {
    let first = items.length;
    while (first > 0) {
      first--;
      if (!items[first]!.trylock) break;
    }
    // The kernel looks for recursion among everything held, however deep.
    const recursive = items.slice(0, first).filter((item) => item.fact.class === wanted);
    return [...recursive, ...items.slice(first)];
  }
  const place = items.findLastIndex((item) => item.fact.class.kind === 'pseudo');
  return place === -1 ? items : items.slice(place);
}
