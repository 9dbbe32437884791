import { createWaitQueue, type World } from '@faultpath/engine';
import type { LockKind, OwnerFact } from '@faultpath/lockdep';
import type { Era } from '../era.ts';
import { freezeLevels } from '../locks/freeze.ts';
import { createRwsem, type Rwsem } from '../locks/rwsem.ts';
import type { Policy } from '../policy.ts';
import { inodeName, type Task } from '../tasks/spec.ts';
import {
  type Current,
  ENTRY_ABSENT,
  ENTRY_LOCKED,
  HOLE_PAGE_LOCKED,
  type PageSlot,
  PMD_LOCKED,
  type SuperBlock,
} from './types.ts';

/** What a filesystem's `mount` and `setupInode` get, to make cells, locks and queues of the model. */
export interface Builder {
  readonly world: World;
  readonly era: Era;
  readonly policy: Policy;
  readonly current: Current;
  /** What will run: a lock that nobody takes exclusively needs no cells. */
  readonly tasks: readonly Task[];
  /** Bound of counters: no more threads than this. */
  readonly threads: number;
  /** Kinds of the unused inodes on each superblock. */
  victimKinds(sb: string): readonly string[];
  /** Is this superblock on a loop device, so that its I/O waits for another filesystem? */
  onLoop(sb: string): boolean;
  /** Has this superblock the file below a loop device, which the device's worker writes and makes durable? */
  belowLoop(sb: string): boolean;
  /** See {@link Bounds.allocationFailure}: with it an allocation under an inner lock may reclaim. */
  readonly allocationFailure: boolean;
  /** Makes a reader-writer semaphore. `writers` says whether any task takes it exclusively. */
  rwsem(lock: string, instance: string, options: RwsemOptions): Rwsem;
}

export interface RwsemOptions {
  readonly writers: boolean;
  /** Taking it never waits; see {@link Rwsem.unshared} for when one may say so. */
  readonly unshared?: boolean;
  /** Taking it never waits, because whoever holds it waits for nobody: `unshared`, and the suite checks it. */
  readonly leaf?: boolean;
  /** How often one task may hold it shared at the same time, where reclaim takes it inside itself; 1 when absent. */
  readonly nesting?: number;
  readonly kind?: LockKind;
  readonly owner?: OwnerFact;
}

/** Makes the fields of the running task. */
export function createCurrent(world: World, superblocks: number, masks: number): Current {
  return {
    PF_MEMALLOC: world.local('PF_MEMALLOC', 1),
    PF_MEMALLOC_NOFS: world.local('PF_MEMALLOC_NOFS', 1),
    PF_MEMALLOC_NOIO: world.local('PF_MEMALLOC_NOIO', 1),
    journal_info: world.local('journal_info', superblocks),
    h_ref: world.local('h_ref', 4),
    PF_FSTRANS: world.local('PF_FSTRANS', 1),
    saved_nofs: world.local('saved_nofs', 1),
    vmf_gfp_mask: world.local('vmf.gfp_mask', Math.max(1, masks - 1)),
  };
}

/** Makes a builder over a world. */
export function createBuilder(parts: Omit<Builder, 'rwsem'>): Builder {
  return {
    ...parts,
    rwsem(lock, instance, { writers, unshared = false, leaf = false, nesting = 1, kind = 'rwsem', owner }) {
      const identity = { lock, instance, kind, ...(owner === undefined ? {} : { owner }) };
      return createRwsem(parts.world, identity, { tasks: parts.threads * nesting, writers, unshared, leaf });
    },
  };
}

/** Makes what the core has for every mount: freeze protection and s_umount. */
export function createSuperLocks(builder: Builder, sb: string): Pick<SuperBlock, 's_umount' | 's_writers'> {
  const writers = builder.tasks.some((task) => task.kind === 'freeze' && task.fs === sb);
  const owner = { object: `sb:${sb}`, superblock: `sb:${sb}` };
  const level = (name: string): Rwsem => builder.rwsem(name, `${sb}.${name}`, { writers, kind: 'percpu-rwsem', owner });
  return {
    s_umount: builder.rwsem('s_umount', `${sb}.s_umount`, { writers, owner }),
    s_writers: Object.fromEntries(freezeLevels.map((name) => [name, level(name)])) as SuperBlock['s_writers'],
  };
}

/** Makes one index of a page tree, empty, over a block or a hole. */
export function createPageSlot(
  builder: Builder,
  inode: string,
  index: number,
  { mapped, pageCache }: { readonly mapped: boolean; readonly pageCache: boolean },
): PageSlot {
  const { world, threads } = builder;
  const name = `${inode}.page${index}`;
  const holePages = pageCache || builder.era.holePage.is === 'page-cache';
  const hugeEntries = builder.tasks.some(
    (task) => 'size' in task && task.size === 'pmd' && inodeName(task.fs, task.inode) === inode,
  );
  // Tasks on another file never sleep here: whoever wakes all sleepers has a way for each number of them.
  const elsewhere = builder.tasks.filter((task) => 'inode' in task && inodeName(task.fs, task.inode) !== inode).length;
  const largest = hugeEntries ? PMD_LOCKED : holePages ? HOLE_PAGE_LOCKED : ENTRY_LOCKED;
  const entryLock = world.object(`${name}.entry`, { lock: 'dax_entry', kind: 'dax-entry', inode });
  return {
    index,
    holePages,
    hugeEntries,
    entry: world.cell(`${name}.tree`, largest, ENTRY_ABSENT),
    entryLock,
    entryQueue: createWaitQueue(world, entryLock, threads - elsewhere),
    pageLock: world.object(`${name}.lock`, { lock: 'folio_lock', kind: 'folio', inode }),
    mapped: world.cell(`${name}.mapped`, 1, mapped ? 1 : 0),
    ...(pageCache ? { dirty: world.cell(`${name}.dirty`, 1) } : {}),
    owner: inode,
  };
}
