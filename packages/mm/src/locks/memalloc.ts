import { type LocalCell, type Op, op, set, when } from '@faultpath/engine';
import type { ModelEvent } from '../events.ts';
import type { Machine } from '../machine/types.ts';

type Scope = 'NOFS' | 'NOIO' | 'MEMALLOC';

function save(flag: LocalCell, scope: Scope, by: string): Op {
  const event: ModelEvent = Object.freeze({ type: 'scope', action: 'enter', scope, by });
  return op(`memalloc_${scope.toLowerCase()}_save`, [
    { when: [when(flag, '==', 0)], does: [set(flag, 1)], result: 0, event },
    { when: [when(flag, '==', 1)], does: [], result: 1, event },
  ]);
}

function restore(flag: LocalCell, saved: number, scope: Scope, by: string): Op {
  const event: ModelEvent = Object.freeze({ type: 'scope', action: 'exit', scope, by });
  return op(`memalloc_${scope.toLowerCase()}_restore`, [
    { when: [], does: [set(flag, saved === 0 ? 0 : 1)], result: 0, event },
  ]);
}

/** Opens a NOFS scope; the result is what {@link memalloc_nofs_restore} needs. */
export function memalloc_nofs_save(env: Machine, by: string): Op {
  return save(env.current.PF_MEMALLOC_NOFS, 'NOFS', by);
}

/** Closes a NOFS scope: the flag becomes what it was. */
export function memalloc_nofs_restore(env: Machine, saved: number, by: string): Op {
  return restore(env.current.PF_MEMALLOC_NOFS, saved, 'NOFS', by);
}

/** Opens a NOIO scope. */
export function memalloc_noio_save(env: Machine, by: string): Op {
  return save(env.current.PF_MEMALLOC_NOIO, 'NOIO', by);
}

/** Closes a NOIO scope. */
export function memalloc_noio_restore(env: Machine, saved: number, by: string): Op {
  return restore(env.current.PF_MEMALLOC_NOIO, saved, 'NOIO', by);
}

/** The task reclaims from here: it must not enter reclaim again. */
export function memalloc_noreclaim_save(env: Machine, by: string): Op {
  return save(env.current.PF_MEMALLOC, 'MEMALLOC', by);
}

/** The task's reclaim is over. */
export function memalloc_noreclaim_restore(env: Machine, saved: number, by: string): Op {
  return restore(env.current.PF_MEMALLOC, saved, 'MEMALLOC', by);
}
