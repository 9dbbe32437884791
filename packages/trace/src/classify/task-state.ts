import type { FaultEvent, FaultpathEvent, LockMode, MaskFact, OwnerFact, TraceScopeRule } from '@faultpath/lockdep';
import type { Place } from '../place.ts';
import type { Word } from '../word.ts';
import type { Draft } from './event-queue.ts';
import { TaskRun } from './memory/task-run.ts';
import type { AllocView, LockView } from './views.ts';

/** A lock that an event announced by name, and whose own probe is expected to follow. */
export interface Announced {
  readonly lock: string;
  readonly mode: LockMode;
  readonly subclass?: number;
  readonly owner: OwnerFact;
  readonly trylock: boolean;
  /** Nobody else can have the object yet, so the lock is had as soon as it is asked for. */
  readonly isNew: boolean;
  readonly where: Place;
}

/** Direct reclaim that a fault entered. */
export interface FaultReclaim {
  readonly via: 'direct' | 'memcg';
  readonly effective: MaskFact;
  readonly where: Place;
  /** Classes taken inside it. */
  readonly took: Set<string>;
  over: boolean;
  /** Its site may still become known. */
  enteredBy?: AllocView;
}

/** A fault of one task that has begun. */
export interface OpenFault {
  readonly where: Place;
  readonly events: FaultpathEvent[];
  readonly reclaims: FaultReclaim[];
  readonly kernelMode: boolean;
  access: FaultEvent['access'];
  address?: string;
  fs?: string;
  route?: 'dax' | 'page';
  level?: string;
  state?: string;
  sync: boolean;
  inode?: string;
  ret?: readonly string[];
  /** `handle_mm_fault` is recorded, so its return ends the fault. */
  handlerSeen: boolean;
  /** The fault is over unless the next record shows otherwise. */
  maybeOver: boolean;
  /** Events that were not kept because a fault must not fill memory. */
  dropped: number;
  /** The first end in it of a lock or scope that nobody was seen to begin. */
  unmatched?: Place;
  /** The exit event was sent; only what follows the handler is still collected. */
  exited: boolean;
}

/** Inside `dax_iomap_fault`. */
export interface DaxWindow {
  readonly instance: string;
  readonly level: string;
  readonly owner: OwnerFact;
  grabProbe: boolean;
  entryHeld: boolean;
  /** Locks that the task had when the first part of a sync fault was over. */
  readonly heldBefore?: number;
}

/** A lock taken with preemption off: a spinlock, or a mutex, which lockdep sees inside `mutex_lock`. */
export interface DoubtfulLock {
  readonly name: string;
  readonly instance: string;
  readonly mode: LockMode;
  readonly trylock: boolean;
  readonly where: Place;
}

export interface OpenScope {
  readonly by: string;
  readonly instance: string;
  readonly nofs: boolean;
  readonly where: Place;
  readonly rule: TraceScopeRule;
  /** So many ends are still to come. */
  frees: number;
}

export interface OpenReclaim {
  readonly where: Place;
  readonly via: 'direct' | 'memcg';
  readonly effective: MaskFact;
}

/** All that is remembered of one task. */
export class TaskState {
  readonly pid: number;
  name: string;
  /** The events with which the task got what it holds, oldest first. */
  readonly held: LockView[] = [];
  readonly announced: Announced[] = [];
  /** Locks just dropped by their own probe, which an event that names them must follow. */
  readonly unnamed: { readonly lock: string; readonly object: string }[] = [];
  /** Taken with preemption off; what the task does next tells spinlocks from mutexes. */
  readonly doubtful: DoubtfulLock[] = [];
  /** What the task waits for since its last `contention_begin`. */
  waiting: LockView | undefined;
  /** Address given to the trylock that has not returned yet. */
  trying: Word | undefined;
  /** Caller of the journal start that was asked for last. */
  request: string | undefined;
  readonly scopes: OpenScope[] = [];
  nofs = 0;
  noio = 0;
  draft: Draft | undefined;
  /** Frame number of the page behind `draft`, to recognise its use in the page cache. */
  draftPfn: Word | undefined;
  fault: OpenFault | undefined;
  dax: DaxWindow | undefined;
  /** The window of a MAP_SYNC fault that still has to map its page, for which it locks the entry again. */
  afterSync: DaxWindow | undefined;
  readonly reclaim: OpenReclaim[] = [];
  /** Allocations that entered `fs_reclaim` and have not been printed yet, the oldest first. */
  readonly mayEnterFs: LockView[] = [];
  /** Where the memory of runs has the task. */
  readonly run = new TaskRun();

  constructor(pid: number, name: string) {
    this.pid = pid;
    this.name = name;
  }

  holds(lock: string): boolean {
    for (let at = this.held.length - 1; at >= 0; at -= 1) if (this.held[at]?.lock === lock) return true;
    return false;
  }

  /** Forgets everything that lost events made doubtful. */
  forget(): void {
    this.held.length = 0;
    this.announced.length = 0;
    this.unnamed.length = 0;
    this.doubtful.length = 0;
    this.scopes.length = 0;
    this.reclaim.length = 0;
    this.mayEnterFs.length = 0;
    this.nofs = 0;
    this.noio = 0;
    this.trying = undefined;
    this.waiting = undefined;
    this.request = undefined;
    this.dax = undefined;
    this.afterSync = undefined;
  }
}
