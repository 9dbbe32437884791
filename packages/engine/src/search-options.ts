import type { Checkpoint } from './checkpoint.ts';
import type { Apart } from './matcher.ts';
import type { NumberList, StateStore } from './store.ts';

/** How to search. Every reduction can be switched off; verdicts never depend on them. */
export interface SearchOptions {
  /** `bfs` gives the shortest witnesses of the explored graph. */
  readonly order: 'bfs' | 'dfs';
  readonly persistentSets: boolean;
  readonly symmetry: boolean;
  /** With persistent sets: don't store a state in which the one step to take commutes with everything. */
  readonly fuse: boolean;
  /** With `fuse`: only steps from states with this number or a larger one go on behind such states. From the first on. */
  readonly fuseFrom?: number;
  /**
   * Store one state for all that nobody can tell apart: threads may stand at different places in them, hold and tell
   * different things, but nobody is ever stopped, freed or changed by it. With persistent sets, threads also go at once
   * through places where they can only pass, so that nobody is met in them.
   */
  readonly bisimulation: boolean;
  /** With `bisimulation`: 1 for places that are told from all others all the same, per automaton. */
  readonly apart?: Apart;
  /** Leave out steps that were taken in the other order before. */
  readonly sleepSets?: boolean;
  /**
   * Cycle proviso: from every state there is a way to one that is expanded in full, so that no thread is postponed for
   * ever (Valmari's condition S for safety). Deadlocks don't need it; transitions taken, model errors and partial
   * deadlocks do.
   */
  readonly proviso: boolean;
  /** Off: tell stuck threads by the control states of the others alone, which is quicker and sees less. */
  readonly exactFutures?: boolean;
  /** Stop after this many stored states, with the verdict incomplete. */
  readonly maxStates: number;
  /** The same once something was found: enough to see more of it, without a proof to win any more. */
  readonly maxStatesAfterFinding?: number;
  /** Stop at the first dead end or model error. */
  readonly stopAtFirst: boolean;
  /** Look for sets of threads that nothing can ever free, while others go on. */
  readonly partialDeadlocks: boolean;
  /**
   * When the search is done, look also for threads that only the exact behaviour of the others keeps waiting. Needs the
   * proviso where sets are persistent.
   */
  readonly exactPartialDeadlocks?: boolean;
  /** Go on where an earlier search stopped. */
  readonly resume?: Checkpoint;
  /** Called every few thousand expanded states; returning false stops the search, incomplete. */
  readonly onProgress?: (progress: SearchProgress) => boolean | undefined;
}

/** Do steps from a stored state go on as long as there is one step to take that commutes with everything? */
export function fusesAt(
  { persistentSets, fuse, fuseFrom = 0 }: Pick<SearchOptions, 'persistentSets' | 'fuse' | 'fuseFrom'>,
  state: number,
): boolean {
  return persistentSets && fuse && state >= fuseFrom;
}

/** What a search can tell while it runs. */
export interface SearchProgress {
  readonly states: number;
  readonly transitions: number;
  /** States stored and not yet expanded. */
  readonly frontier: number;
  readonly bytes: number;
}

/** A state in which threads are stuck. */
export interface DeadEnd {
  readonly state: number;
  /** Indexes of the threads that can never go on. */
  readonly threads: readonly number[];
  /** Other threads can still move. */
  readonly partial: boolean;
}

/** A model error that a reachable step runs into. */
export interface ErrorStep {
  readonly state: number;
  readonly thread: number;
  /** Index of the edge in its automaton. */
  readonly edge: number;
  readonly code: string;
  readonly message: string;
}

/** What a search found, in terms of state numbers. */
export interface SearchResult {
  readonly states: number;
  readonly transitions: number;
  readonly exhausted: boolean;
  readonly deadEnds: readonly DeadEnd[];
  readonly errors: readonly ErrorStep[];
  /** Per edge of all automata: the state from which it was taken first, at once or on a glide; -1 for never. */
  readonly firstTaken: Int32Array;
  readonly store: StateStore;
  readonly parents: NumberList;
  readonly bytes: number;
  readonly options: SearchOptions;
  /** Per automaton and place, the place behind a passage that the search went through at once; -1 for none. */
  readonly passages: readonly Int32Array[];
  /** What a later search needs to go on here. Breadth first only: `order: 'dfs'` can't be resumed. */
  checkpoint(): Checkpoint;
}
