import { type Call, type KernelFunction, registerConstant, type Thread } from '@faultpath/engine';
import type { LockContract, LockKind } from '@faultpath/lockdep';
import { checkFields, checkShape, type Refuse } from './check-shape.ts';
import { copyMark, thisCopy } from './copy.ts';
import { type CoreLock, coreLocks } from './core-locks.ts';
import { type EraName, eraNames } from './era.ts';
import type { Builder } from './machine/builder.ts';
import { ownLockSetup } from './machine/own-locks.ts';
import type { AddressSpace, Inode, Machine, ReclaimPath, SuperBlock, Victim, VmFault } from './machine/types.ts';

/** A lock class of a filesystem. */
export interface LockDeclaration {
  readonly kind: LockKind;
  /** What has one instance of it. */
  readonly scope: 'superblock' | 'inode' | 'journal' | 'page';
  /** Eras in which it has this name; all when absent. */
  readonly eras?: readonly EraName[];
}

/** What the filesystem does to `mapping_gfp_mask()` at inode setup. */
export interface MappingGfp {
  /** Flags taken out of the default mask, `GFP_HIGHUSER_MOVABLE`. */
  readonly without: string;
  /** Kernel function that does it. */
  readonly at: string;
  readonly because: string;
}

/** What an inode is, as far as its mapping mask depends on it. */
export const inodeKinds = ['regular', 'directory', 'symlink'] as const;

export type InodeKind = (typeof inodeKinds)[number];

/** What happens to the mapping mask of one kind of inode in some eras, instead of {@link Filesystem.mappingGfp}. */
export interface MappingGfpRule extends MappingGfp {
  readonly eras: readonly EraName[];
}

/** How reclaim gets to inodes of one kind, and in which eras. */
export interface EvictKind {
  readonly via: ReclaimPath;
  /** `common`: met all day on an ordinary mount. `option`: met all day where a mount option says so. `rare`: otherwise. */
  readonly frequency: 'common' | 'option' | 'rare';
  readonly eras: readonly EraName[];
  /** One sentence: what happens, and what it may wait for. */
  readonly because: string;
}

/** Calls into the filesystem from the core, as far as they are modelled. */
export interface SuperOperations {
  readonly dirty_inode?: KernelFunction<[Machine, SuperBlock], number>;
  readonly update_time?: KernelFunction<[Machine, Inode], number>;
  readonly evict_inode?: KernelFunction<[Machine, Victim], number>;
  readonly writepages?: KernelFunction<[Machine, SuperBlock], number>;
  /** Objects of its own that the superblock's shrinker frees after dentries and inodes. */
  readonly free_cached_objects?: KernelFunction<[Machine, Victim], number>;
  /** A shrinker of its own, beside the superblock's: for kinds that reclaim reaches by `shrinker`. */
  readonly shrink?: KernelFunction<[Machine, Victim], number>;
  /** Called by a freeze when faults are out, before transactions are. */
  readonly sync_fs?: KernelFunction<[Machine, SuperBlock], number>;
  /** Called by a thaw before anything is let in again. */
  readonly unfreeze_fs?: KernelFunction<[Machine, SuperBlock], number>;
}

/** What a file offers to a task besides faults. */
export interface FileOperations {
  readonly fsync?: KernelFunction<[Machine, Inode], number>;
  readonly truncate?: KernelFunction<[Machine, Inode], number>;
  /** Writes one page of a file that is in the page cache; the last argument is 1 for direct I/O. Loop devices call it. */
  readonly write_iter?: KernelFunction<[Machine, Inode, number], number>;
}

/** Changes to a directory. The second inode is the new one, which nobody else knows yet. */
export interface InodeOperations {
  readonly create?: KernelFunction<[Machine, Inode, Inode], number>;
  readonly mkdir?: KernelFunction<[Machine, Inode, Inode], number>;
  readonly symlink?: KernelFunction<[Machine, Inode, Inode], number>;
}

/** What the page cache asks of the filesystem. */
export interface AddressSpaceOperations {
  /** Reads a page, which is locked; it stays locked. */
  readonly read_folio?: KernelFunction<[Machine, VmFault], number>;
  /** Reads pages that were just added; called only in the detail that recordings show. */
  readonly readahead?: KernelFunction<[Machine, VmFault], number>;
  /** Finds the block of a page, and with `create` 1 makes one; for `block_page_mkwrite`. */
  readonly get_block?: KernelFunction<[Machine, VmFault, number], number>;
}

/** A mapped extent as `iomap_begin` gives it back. */
export const IOMAP = Object.freeze({ HOLE: 0, DELALLOC: 1, MAPPED: 2, UNWRITTEN: 3, INLINE: 4 });

/** The two halves of a mapping: what the iomap package calls around every step. */
export interface IomapOperations {
  /** Gives the type of the extent, one of {@link IOMAP}. */
  readonly iomap_begin: KernelFunction<[Machine, VmFault], number>;
  readonly iomap_end?: KernelFunction<[Machine, VmFault, number], number>;
  /** Before iomap: gives the same, and with `create` 1 it allocates. Used in the eras whose DAX asks this way. */
  readonly get_block?: KernelFunction<[Machine, VmFault, number], number>;
}

/** What is held where, in some eras; in all when absent. The locks are names of {@link Filesystem.locks}. */
export interface FilesystemContract extends LockContract {
  readonly eras?: readonly EraName[];
}

/** An adapter: data and handlers. `L` is the union of its lock names. */
export interface Filesystem<L extends string = string> {
  readonly name: string;
  readonly interfaceVersion: 1;
  /** Its own lock classes; the core's are in {@link coreLocks}. */
  readonly locks: Readonly<Record<L, LockDeclaration>>;
  /** Chains of its own locks and the core's, outermost first. */
  readonly lockOrder: readonly (readonly (L | CoreLock)[])[];
  /** What its own functions, and changes of its data, need held; the core's own are always asked for. */
  readonly contracts?: readonly FilesystemContract[];
  /** What it declares at inode setup; `null` says that it declares nothing. */
  readonly mappingGfp: MappingGfp | null;
  /** Kinds of inodes that are treated in another way in some eras. The first rule with the era decides. */
  readonly mappingGfpByKind?: Readonly<Partial<Record<InodeKind, readonly MappingGfpRule[]>>>;
  readonly supports: {
    readonly eras: readonly EraName[];
    readonly dax: boolean;
    /** Metadata changes go through transactions or handles. */
    readonly transactions: boolean;
    readonly sync_faults: boolean;
    /** Its files are mapped through the page cache; no when absent. */
    readonly page_cache?: boolean;
  };
  readonly vm_ops: {
    readonly fault: KernelFunction<[Machine, VmFault], number>;
    /** Faults of 2 MiB; a filesystem without it has faults of one page only. */
    readonly huge_fault?: KernelFunction<[Machine, VmFault], number>;
    /** Called before a page of the page cache becomes writable; returns with it locked. */
    readonly page_mkwrite?: KernelFunction<[Machine, VmFault], number>;
    /**
     * Maps pages that are in memory around a fault; called only in the detail that recordings show. A read fault through
     * the page cache has its page-table page beforehand where there is this.
     */
    readonly map_pages?: KernelFunction<[Machine, VmFault], number>;
  };
  readonly iomap_ops: IomapOperations;
  readonly s_op: SuperOperations;
  readonly f_op: FileOperations;
  readonly a_ops?: AddressSpaceOperations;
  readonly i_op?: InodeOperations;
  readonly reclaim: { readonly kinds: Readonly<Record<string, EvictKind>> };
  /** Name of the lock that keeps faults and truncate apart, by era. */
  readonly invalidateLock: (era: EraName) => string;
  /** Makes what one mount needs. */
  readonly mount: (builder: Builder, sb: string) => unknown;
  /** Makes what one referenced inode needs. */
  readonly setupInode: (builder: Builder, inode: string, mapping: AddressSpace) => unknown;
  /** Makes what one unreferenced inode needs. */
  readonly setupVictim?: (builder: Builder, victim: string, sb: SuperBlock) => unknown;
  /** Its own kernel threads. */
  readonly threads: readonly FilesystemThread[];
  /** Single decisions that a twin may turn round. */
  readonly decisions?: Readonly<Record<string, boolean>>;
}

/** A kernel thread of a filesystem; one for every mount. */
export interface FilesystemThread {
  readonly name: string;
  readonly start: (env: Machine, sb: SuperBlock) => Call<number>;
  /** Whether it has anything to do in this machine; always when absent. */
  readonly needed?: (env: Machine, sb: SuperBlock) => boolean;
}

/** A daemon of a filesystem as a thread of the model. */
export function filesystemThread({ name, start }: FilesystemThread, env: Machine, sb: SuperBlock): Thread {
  return { name: `${name}/${sb.name}`, start: start(env, sb), daemon: true, repeat: true };
}

/** Stable codes of an adapter's mistakes. */
export type FilesystemErrorCode =
  | 'FS_INTERFACE_VERSION'
  | 'FS_FIELD_MISSING'
  | 'FS_FIELD_TYPE'
  /** A field or a handler that there is not: it would never be looked at. */
  | 'FS_FIELD_UNKNOWN'
  | 'FS_LOCK_UNKNOWN'
  | 'FS_LOCK_UNORDERED'
  | 'FS_LOCK_CYCLE'
  | 'FS_ERA_UNKNOWN'
  | 'FS_INODE_KIND'
  | 'FS_NAME';

/** A definition that cannot be an adapter. */
export class FilesystemError extends Error {
  override readonly name = 'FilesystemError';
  readonly code: FilesystemErrorCode;
  /** The field, with dots: `reclaim.kinds.lazytime.eras`. */
  readonly field: string;

  constructor(code: FilesystemErrorCode, field: string, message: string) {
    super(`${code}: ${field}: ${message}`);
    this.code = code;
    this.field = field;
  }
}

const required = [
  'locks',
  'lockOrder',
  'supports',
  'vm_ops',
  'iomap_ops',
  's_op',
  'f_op',
  'reclaim',
  'invalidateLock',
] as const;

/** What an author may leave out. */
type MadeByCore = 'mount' | 'setupInode' | 'threads';

/**
 * What an author writes. Without `mount` a mount has nothing of its own, without `threads` there are none; without `setupInode` the core makes the locks
 * that are declared for inodes, which the functions find by {@link ownLock}.
 */
export type FilesystemDefinition<L extends string> = {
  [K in keyof Filesystem<L> as K extends MadeByCore ? never : K]: K extends 'lockOrder'
    ? readonly (readonly (NoInfer<L> | CoreLock)[])[]
    : Filesystem<L>[K];
} & Partial<Pick<Filesystem<L>, MadeByCore>>;

/**
 * Checks an adapter and freezes it. A lock in `lockOrder` that `locks` does not have is a compile-time error; here it
 * is one at run time too, because adapters are also written in plain JavaScript.
 *
 * @throws FilesystemError naming the field
 */
export function defineFilesystem<const L extends string>(definition: FilesystemDefinition<L>): Filesystem<L> {
  if (typeof definition !== 'object' || definition === null)
    throw new FilesystemError('FS_FIELD_TYPE', '', 'an adapter is a record');
  const fs = whole(definition);
  if (fs.interfaceVersion !== 1) {
    throw new FilesystemError(
      'FS_INTERFACE_VERSION',
      'interfaceVersion',
      `this version understands 1, not ${String(fs.interfaceVersion)}`,
    );
  }
  if (typeof fs.name !== 'string' || !/^[a-z][a-z0-9]*$/.test(fs.name)) {
    throw new FilesystemError('FS_NAME', 'name', 'a name is lower-case letters and digits, as in /proc/filesystems');
  }
  for (const field of required)
    if (fs[field] === undefined) throw new FilesystemError('FS_FIELD_MISSING', field, 'every adapter says this');
  if (fs.mappingGfp === undefined) {
    throw new FilesystemError(
      'FS_FIELD_MISSING',
      'mappingGfp',
      'say what happens to the mapping mask at inode setup, or null for nothing',
    );
  }
  const refuse: Refuse = (code, field, message) => {
    throw new FilesystemError(`FS_${code}`, field, message);
  };
  checkFields(fs, refuse);
  checkEras('supports.eras', fs.supports.eras);
  checkShape(fs, refuse);
  checkMappingRules(fs.mappingGfpByKind ?? {});
  for (const [kind, declared] of Object.entries(fs.reclaim.kinds))
    checkEras(`reclaim.kinds.${kind}.eras`, declared.eras);
  checkLockOrder(fs.locks, fs.lockOrder);
  checkContracts(fs.locks, fs.contracts ?? []);
  if (!Object.isFrozen(fs)) Object.assign(fs, { [copyMark]: thisCopy });
  return registerConstant(fs);
}

/** With what the core does where the author says nothing. */
function whole<L extends string>(definition: FilesystemDefinition<L>): Filesystem<L> {
  const given = definition as unknown as Filesystem<L>;
  if (given.mount !== undefined && given.setupInode !== undefined && given.threads !== undefined) return given;
  const { setupInode, setupVictim } = given.setupInode === undefined ? ownLockSetup(given) : given;
  const victims = given.setupVictim ?? setupVictim;
  return {
    ...given,
    setupInode,
    ...(victims === undefined ? {} : { setupVictim: victims }),
    mount: given.mount ?? (() => null),
    threads: given.threads ?? [],
  };
}

function checkMappingRules(rules: Readonly<Record<string, readonly MappingGfpRule[]>>): void {
  for (const [kind, list] of Object.entries(rules)) {
    const field = `mappingGfpByKind.${kind}`;
    if (!(inodeKinds as readonly string[]).includes(kind)) {
      throw new FilesystemError('FS_INODE_KIND', field, `there is no such kind; known: ${inodeKinds.join(', ')}`);
    }
    if (!Array.isArray(list)) throw new FilesystemError('FS_FIELD_TYPE', field, 'is a list of rules');
    for (const [index, rule] of list.entries()) {
      if (typeof rule?.without !== 'string' || typeof rule.at !== 'string' || typeof rule.because !== 'string') {
        throw new FilesystemError('FS_FIELD_TYPE', `${field}[${index}]`, 'says without, at and because');
      }
      checkEras(`${field}[${index}].eras`, rule.eras);
    }
  }
}

function checkEras(field: string, named: readonly string[]): void {
  if (!Array.isArray(named) || named.length === 0)
    throw new FilesystemError('FS_FIELD_TYPE', field, 'is a list of at least one era');
  for (const era of named) {
    if (!(eraNames as readonly string[]).includes(era)) {
      throw new FilesystemError('FS_ERA_UNKNOWN', field, `there is no era '${era}'; known: ${eraNames.join(', ')}`);
    }
  }
}

function checkContracts(
  locks: Readonly<Record<string, LockDeclaration>>,
  contracts: readonly FilesystemContract[],
): void {
  const known = [...Object.keys(locks), ...Object.keys(coreLocks), 'NOFS', 'NOIO'];
  const isList = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.length > 0);
  for (const [index, contract] of contracts.entries()) {
    const field = `contracts[${index}]`;
    const { holds, lacks, because, data, eras, ...where } = contract ?? ({} as Partial<FilesystemContract>);
    if (!isList(holds) || !isList(lacks) || (holds ?? lacks) === undefined || typeof because !== 'string')
      throw new FilesystemError('FS_FIELD_TYPE', field, 'says holds or lacks, a list of locks, and because');
    if (data === undefined && (where.in ?? []).length === 0)
      throw new FilesystemError('FS_FIELD_TYPE', field, 'says in, a list of functions, or data');
    if (eras !== undefined) checkEras(`${field}.eras`, eras);
    const strange = [...(holds ?? []), ...(lacks ?? [])].find((name) => !known.includes(name));
    if (strange !== undefined)
      throw new FilesystemError(
        'FS_LOCK_UNKNOWN',
        `${field}.${holds?.includes(strange) === true ? 'holds' : 'lacks'}`,
        `'${strange}' is not in locks; known: ${known.join(', ')}`,
      );
  }
}

function checkLockOrder(locks: Readonly<Record<string, LockDeclaration>>, order: readonly (readonly string[])[]): void {
  const names = [...Object.keys(locks), ...Object.keys(coreLocks)];
  const below = new Map<string, Set<string>>(names.map((name) => [name, new Set()]));
  for (const [row, chain] of order.entries()) {
    for (const [index, name] of chain.entries()) {
      if (!below.has(name)) {
        throw new FilesystemError(
          'FS_LOCK_UNKNOWN',
          `lockOrder[${row}][${index}]`,
          `'${name}' is neither in locks nor the core's; known: ${[...below.keys()].join(', ')}`,
        );
      }
      const inner = chain[index + 1];
      if (inner !== undefined) below.get(name)?.add(inner);
    }
  }
  const named = new Set(order.flat());
  for (const name of Object.keys(locks)) {
    if (!named.has(name))
      throw new FilesystemError('FS_LOCK_UNORDERED', `locks.${name}`, 'stands in no chain of lockOrder');
  }
  const state = new Map<string, 'open' | 'done'>();
  const visit = (name: string, path: readonly string[]): void => {
    if (state.get(name) === 'done') return;
    if (state.get(name) === 'open') {
      throw new FilesystemError(
        'FS_LOCK_CYCLE',
        'lockOrder',
        `the chains go round: ${[...path.slice(path.indexOf(name)), name].join(' → ')}`,
      );
    }
    state.set(name, 'open');
    for (const inner of below.get(name) ?? []) visit(inner, [...path, name]);
    state.set(name, 'done');
  };
  for (const name of below.keys()) visit(name, []);
}
