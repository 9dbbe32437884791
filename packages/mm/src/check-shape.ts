import type { LockKind } from '@faultpath/lockdep';
import { createMasks } from './alloc/masks.ts';
import { eraNames, eras } from './era.ts';
import type { EvictKind, Filesystem, LockDeclaration } from './filesystem.ts';

/** Ends the check: the code without FS_, the field and what is wrong. */
export type Refuse = (code: 'FIELD_UNKNOWN' | 'FIELD_TYPE', field: string, message: string) => never;

/** Every handler that there is, by table. One that is misspelt would never be called. */
const handlers: Readonly<Record<string, readonly string[]>> = {
  vm_ops: ['fault', 'huge_fault', 'page_mkwrite', 'map_pages'],
  iomap_ops: ['iomap_begin', 'iomap_end', 'get_block'],
  s_op: [
    'dirty_inode',
    'update_time',
    'evict_inode',
    'writepages',
    'free_cached_objects',
    'shrink',
    'sync_fs',
    'unfreeze_fs',
  ],
  f_op: ['fsync', 'truncate', 'write_iter'],
  a_ops: ['read_folio', 'readahead', 'get_block'],
  i_op: ['create', 'mkdir', 'symlink'],
};

const fields: readonly string[] = [
  ...Object.keys(handlers),
  'name',
  'interfaceVersion',
  'locks',
  'lockOrder',
  'contracts',
  'mappingGfp',
  'mappingGfpByKind',
  'supports',
  'reclaim',
  'invalidateLock',
  'mount',
  'setupInode',
  'setupVictim',
  'threads',
  'decisions',
];

const lockKinds: Readonly<Record<LockKind, true>> = {
  rwsem: true,
  'percpu-rwsem': true,
  mutex: true,
  spinlock: true,
  rwlock: true,
  pseudo: true,
  folio: true,
  'dax-entry': true,
  buffer: true,
  handle: true,
  commit: true,
  transaction: true,
  'log-space': true,
  freeze: true,
  writeback: true,
  completion: true,
  unknown: true,
};
const scopes: readonly LockDeclaration['scope'][] = ['superblock', 'inode', 'journal', 'page'];
const ways: readonly EvictKind['via'][] = ['prune_icache_sb', 'prune_dcache_sb', 'shrinker'];
const frequencies: readonly EvictKind['frequency'][] = ['common', 'option', 'rare'];

const records = [...Object.keys(handlers), 'locks', 'supports', 'reclaim', 'decisions', 'mappingGfpByKind'] as const;
const lists = ['lockOrder', 'contracts', 'threads'] as const;
const functions = ['invalidateLock', 'mount', 'setupInode', 'setupVictim'] as const;

/** Every field is of its kind: looking into it is safe from here on. */
export function checkFields(fs: Filesystem, refuse: Refuse): void {
  const given = fs as unknown as Readonly<Record<string, unknown>>;
  for (const field of records) {
    const value = given[field];
    if (value !== undefined && !isRecord(value)) refuse('FIELD_TYPE', field, 'is a record');
  }
  for (const field of lists) {
    const value = given[field];
    if (value !== undefined && !Array.isArray(value)) refuse('FIELD_TYPE', field, 'is a list; [] for none');
  }
  for (const field of functions) {
    const value = given[field];
    if (value !== undefined && typeof value !== 'function') refuse('FIELD_TYPE', field, 'is a function');
  }
  if (!isRecord(fs.reclaim.kinds))
    refuse('FIELD_TYPE', 'reclaim.kinds', 'is a record of kinds of unused inodes; {} for none');
  for (const [field, handler] of [
    ['vm_ops.fault', fs.vm_ops.fault],
    ['iomap_ops.iomap_begin', fs.iomap_ops.iomap_begin],
  ] as const)
    if (handler === undefined) refuse('FIELD_TYPE', field, 'is what kernelFunction() gives');
  for (const [name, decision] of Object.entries(fs.decisions ?? {}))
    if (typeof decision !== 'boolean') refuse('FIELD_TYPE', `decisions.${name}`, 'is true or false');
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the types say, for adapters written in plain JavaScript. The required fields are there already. */
export function checkShape(fs: Filesystem, refuse: Refuse): void {
  onlyKnown('', fs, fields, refuse);
  for (const [table, known] of Object.entries(handlers)) {
    const given = fs[table as keyof Filesystem] as Readonly<Record<string, unknown>> | undefined;
    if (given === undefined) continue;
    onlyKnown(`${table}.`, given, known, refuse);
    for (const [name, handler] of Object.entries(given)) {
      if (handler !== undefined && (typeof handler !== 'function' || !('functionName' in handler)))
        refuse('FIELD_TYPE', `${table}.${name}`, 'is what kernelFunction() gives');
    }
  }
  const flags = ['dax', 'transactions', 'sync_faults', 'page_cache'] as const;
  onlyKnown('supports.', fs.supports, ['eras', ...flags], refuse);
  for (const flag of flags) {
    const value: unknown = fs.supports[flag];
    if (typeof value !== 'boolean' && (flag !== 'page_cache' || value !== undefined))
      refuse('FIELD_TYPE', `supports.${flag}`, 'is true or false');
  }
  checkLocks(fs, refuse);
  checkMapping(fs, refuse);
  for (const [name, kind] of Object.entries(fs.reclaim.kinds)) {
    oneOf(`reclaim.kinds.${name}.via`, kind?.via, ways, refuse);
    oneOf(`reclaim.kinds.${name}.frequency`, kind.frequency, frequencies, refuse);
    if (typeof kind.because !== 'string') refuse('FIELD_TYPE', `reclaim.kinds.${name}.because`, 'is a sentence');
  }
  for (const [index, thread] of fs.threads.entries()) {
    if (typeof thread?.name !== 'string' || typeof thread.start !== 'function')
      refuse('FIELD_TYPE', `threads[${index}]`, 'has a name and a start, which gives a call');
  }
}

function checkLocks(fs: Filesystem, refuse: Refuse): void {
  for (const [name, lock] of Object.entries(fs.locks)) {
    oneOf(`locks.${name}.kind`, lock?.kind, Object.keys(lockKinds), refuse);
    oneOf(`locks.${name}.scope`, lock?.scope, scopes, refuse);
    for (const era of lock.eras ?? []) oneOf(`locks.${name}.eras`, era, eraNames, refuse);
  }
  for (const [index, chain] of fs.lockOrder.entries())
    if (!Array.isArray(chain)) refuse('FIELD_TYPE', `lockOrder[${index}]`, 'is a chain: a list of locks');
}

function checkMapping({ mappingGfp, supports }: Filesystem, refuse: Refuse): void {
  if (mappingGfp === null) return;
  const { without, at, because } = mappingGfp;
  if (typeof without !== 'string' || typeof at !== 'string' || typeof because !== 'string')
    refuse('FIELD_TYPE', 'mappingGfp', 'says without, at and because; or null for nothing');
  // A flag may have come or gone: one of the eras has to know it.
  const reads = supports.eras.some((era) => {
    try {
      return createMasks(eras[era]).of(without) >= 0;
    } catch {
      return false;
    }
  });
  if (!reads) refuse('FIELD_TYPE', 'mappingGfp.without', `'${without}' is no mask of flags such as __GFP_FS`);
}

function onlyKnown(at: string, given: object, known: readonly string[], refuse: Refuse): void {
  const strange = Object.keys(given).find((name) => !known.includes(name));
  if (strange !== undefined)
    refuse('FIELD_UNKNOWN', `${at}${strange}`, `there is no such field; known: ${known.join(', ')}`);
}

function oneOf(field: string, value: unknown, known: readonly string[], refuse: Refuse): void {
  if (!known.includes(String(value)))
    refuse('FIELD_TYPE', field, `'${String(value)}' is none; known: ${known.join(', ')}`);
}
