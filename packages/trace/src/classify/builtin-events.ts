import { onKmem, onPageAlloc } from './allocations.ts';
import { onContentionBegin, onContentionEnd } from './contention.ts';
import { onPageCache } from './faults.ts';
import { onLockdepAcquire, onLockdepRelease } from './lockdep-events.ts';
import type { Builtin } from './route.ts';

/** Events whose form no vocabulary can describe, by name. */
export const BUILTIN: Readonly<Record<string, Builtin>> = {
  __proto__: null as never,
  mm_page_alloc: onPageAlloc,
  kmem_cache_alloc: onKmem,
  kmem_cache_alloc_node: onKmem,
  kmalloc: onKmem,
  kmalloc_node: onKmem,
  contention_begin: onContentionBegin,
  contention_end: onContentionEnd,
  lock_acquire: onLockdepAcquire,
  lock_release: onLockdepRelease,
  mm_filemap_add_to_page_cache: (_to, task) => onPageCache(task),
  sys_enter: () => undefined,
  sys_exit: () => undefined,
  tracing_mark_write: () => undefined,
  print: () => undefined,
};
