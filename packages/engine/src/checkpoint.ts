import { EngineError } from './errors.ts';
import type { SavedProviso } from './proviso.ts';
import type { DeadEnd, ErrorStep, SearchOptions } from './search-options.ts';
import type { SavedSleep } from './sleep.ts';
import type { NumberList, StateStore } from './store.ts';
import type { System } from './system.ts';

/** A breadth-first search that was stopped: plain data, for `structuredClone`, `v8.serialize` or a worker. */
export interface Checkpoint {
  readonly version: 3;
  /** Which system and which reductions it belongs to. */
  readonly fingerprint: string;
  /** States expanded so far. */
  readonly done: number;
  readonly transitions: number;
  readonly vectors: Int32Array;
  readonly parents: Int32Array;
  /** Per state, some state that it leads to; -1 for none. */
  readonly ways: Int32Array;
  /** Per state, how far it was expanded: one persistent set, another one, or in full. */
  readonly levels: Uint8Array;
  readonly firstTaken: Int32Array;
  readonly deadEnds: readonly DeadEnd[];
  readonly errors: readonly ErrorStep[];
  readonly seen: readonly string[];
  /** Some thread was seen to be stuck on the way; what is found at the end of a search does not count. */
  readonly suspected: boolean;
  /** With the cycle proviso: the ways that it keeps. */
  readonly proviso?: SavedProviso;
  /** With sleep sets: who sleeps where, and whose steps are still to be taken. */
  readonly sleep?: SavedSleep;
}

/** Equal for searches of which one may go on where the other stopped. */
export function fingerprintOf(system: System, options: SearchOptions): string {
  const { order, persistentSets, symmetry, fuse, fuseFrom = 0 } = options;
  const { bisimulation, proviso, partialDeadlocks, sleepSets } = options;
  const text = JSON.stringify([
    system.automatonOf.map((index) => system.automata[index]?.minimal.signature),
    system.model.world.cells.map((cell) => [cell.max, cell.init]),
    [order, persistentSets, symmetry, fuse && fuseFrom, bisimulation, proviso, partialDeadlocks, sleepSets ?? false],
  ]);
  let high = 0x811c9dc5;
  let low = 0x1b873593;
  for (let index = 0; index < text.length; index++) {
    high = Math.imul(high ^ text.charCodeAt(index), 0x01000193);
    low = Math.imul(low + text.charCodeAt(index), 0x85ebca6b) ^ (low >>> 13);
  }
  return `${text.length}-${(high >>> 0).toString(16)}-${(low >>> 0).toString(16)}`;
}

/**
 * Puts the stored states of a checkpoint back.
 *
 * @throws EngineError `ENGINE_CHECKPOINT` when it belongs to another system, or to other switches
 */
export function restore(
  checkpoint: Checkpoint,
  fingerprint: string,
  width: number,
  { store, parents, firstTaken }: { store: StateStore; parents: NumberList; firstTaken: Int32Array },
): void {
  const { vectors } = checkpoint;
  if (checkpoint.version !== 3 || checkpoint.fingerprint !== fingerprint || vectors.length % width !== 0) {
    throw new EngineError(
      'ENGINE_CHECKPOINT',
      'resume',
      'the checkpoint is of another model, or of a search with other switches; start again without it',
    );
  }
  for (let at = 0; at < vectors.length; at += width) {
    const vector = vectors.subarray(at, at + width);
    if (store.add(vector) < 0) store.append(vector);
  }
  for (const parent of checkpoint.parents) parents.push(parent);
  firstTaken.set(checkpoint.firstTaken);
}
