import { eraNames } from './era.ts';
import type { LockDeclaration } from './filesystem.ts';

/**
 * The lock classes that the core makes for every filesystem. An adapter names them in its `lockOrder`, and declares only
 * its own.
 */
export const coreLocks = Object.freeze({
  mmap_lock: { kind: 'rwsem', scope: 'page' },
  s_umount: { kind: 'rwsem', scope: 'superblock' },
  sb_writers: { kind: 'percpu-rwsem', scope: 'superblock' },
  sb_pagefaults: { kind: 'percpu-rwsem', scope: 'superblock' },
  sb_internal: { kind: 'percpu-rwsem', scope: 'superblock' },
  i_rwsem: { kind: 'rwsem', scope: 'inode' },
  invalidate_lock: { kind: 'rwsem', scope: 'inode', eras: eraNames.slice(eraNames.indexOf('v5.15')) },
  dax_entry: { kind: 'dax-entry', scope: 'page' },
  folio_lock: { kind: 'folio', scope: 'page' },
} as const satisfies Readonly<Record<string, LockDeclaration>>);

/** A lock class of the core. */
export type CoreLock = keyof typeof coreLocks;
