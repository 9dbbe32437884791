import type { LockEvent, MaskFact } from './events.ts';
import { seenByKernel } from './lock-class.ts';
import type { TaskContext } from './rule.ts';

/**
 * Which lockdep judges. `kernel` makes the edges that the kernel's own lockdep makes and no others; `faultpath` also
 * sees waits that are no locks, handles as waits, and reclaim that the kernel does not annotate.
 */
export type Theory = 'kernel' | 'faultpath';

/** Whether the theory has a class for what the event takes. */
export function sees(theory: Theory, event: Pick<LockEvent, 'kind'>): boolean {
  return theory === 'faultpath' || seenByKernel(event.kind);
}

/**
 * Whether the acquisition cannot wait. The kernel annotates the start of a journal handle as a trylock although it
 * waits while the running transaction is locked: there it makes no edge into the handle, here it is a wait.
 */
export function cannotWait(theory: Theory, event: Pick<LockEvent, 'kind' | 'mode' | 'trylock'>): boolean {
  if (event.kind === 'handle' && event.mode !== 'exclusive') return theory === 'kernel';
  return event.trylock === true;
}

/** Where a task in reclaim stands: what it takes now is taken under this pseudo-lock. */
export interface ReclaimPlace {
  readonly level: 'fs' | 'io';
  readonly beyondKernel?: string;
}

const fsByKernel: ReclaimPlace = { level: 'fs' };
const io: ReclaimPlace = {
  level: 'io',
  beyondKernel: 'the kernel has no pseudo-lock for reclaim that may only do I/O',
};
const fsBeyond: Readonly<Record<string, ReclaimPlace>> = {
  memcg: {
    level: 'fs',
    beyondKernel: 'reclaim for a memory cgroup runs the same shrinkers, but the kernel does not enter fs_reclaim there',
  },
  drop_caches: {
    level: 'fs',
    beyondKernel: 'drop_caches runs the same shrinkers, but the kernel does not enter fs_reclaim there',
  },
  shrinker: {
    level: 'fs',
    beyondKernel: 'a shrinker runs here, and the source does not say which reclaim called it',
  },
};

export function reclaimPlace(theory: Theory, reclaim: TaskContext['reclaim']): ReclaimPlace | undefined {
  if (reclaim === undefined) return undefined;
  const { via, effective } = reclaim;
  const annotated = via === 'direct' || via === 'kswapd';
  if (effective.fs === true) {
    if (annotated) return fsByKernel;
    return theory === 'kernel' ? undefined : (fsBeyond[via] ?? fsBeyond['shrinker']);
  }
  return theory === 'faultpath' && effective.io === true ? io : undefined;
}

/** Reclaim sets PF_MEMALLOC, and then no allocation of the task reclaims again; drop_caches does not set it. */
export function allocationsMayReclaim(context: TaskContext): boolean {
  for (let at = 0; at < context.scopes.length; at++) if (context.scopes[at]!.scope === 'MEMALLOC') return false;
  return context.reclaim === undefined || context.reclaim.via === 'drop_caches';
}

export function mayEnterFs(mask: MaskFact): boolean {
  return mask.directReclaim === true && mask.fs === true;
}

export function mayDoIo(mask: MaskFact): boolean {
  return mask.directReclaim === true && mask.io === true;
}
