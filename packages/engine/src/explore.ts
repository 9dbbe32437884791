import type { Checkpoint } from './checkpoint.ts';
import { EngineError } from './errors.ts';
import type { KnownSearches } from './known-searches.ts';
import { defaultLimits, type SystemLimits } from './limits.ts';
import type { Model } from './model.ts';
import { movesOf, pathTo, stepsTo } from './path.ts';
import { packedRun } from './run.ts';
import { type DeadEnd, type SearchOptions, type SearchProgress, type SearchResult, search } from './search.ts';
import { fusesAt } from './search-options.ts';
import { stepsOf } from './steps-of.ts';
import { type CompiledAutomaton, compileSystem, type System } from './system.ts';
import { namesOf, type TakenStep, takenSteps, type WalkedStep, walkedSteps } from './taken.ts';
import type { LocalState, Passed } from './unfold.ts';
import { describeWitness, shorten, type Witness } from './witness.ts';

/** How to explore; everything has a default. */
export interface ExploreOptions {
  /** Which thread interleavings may be left out because others stand for them. On by default. */
  readonly persistentSets?: boolean;
  /** Treat threads with identical automata as interchangeable. On by default. */
  readonly symmetry?: boolean;
  /** With persistent sets: store no state whose one step commutes with everything. On by default. */
  readonly fuse?: boolean;
  /**
   * With `fuse`: states stored before this one are followed step by step. A dead end that is found among them is a nearest
   * one, and what is small is searched sooner so. Default 4096 where the first finding ends the search, 0 with `all`.
   */
  readonly fuseFrom?: number;
  /** Store one state for all that differ in what threads hold and tell only. On by default. */
  readonly bisimulation?: boolean;
  /** Take no step that was taken in the other order before: fewer transitions. Off by default. */
  readonly sleepSets?: boolean;
  /** Merge control states with one future. On by default. */
  readonly minimise?: boolean;
  /** Keep what is needed to trust {@link Exploration.taken}, model errors and partial deadlocks. On by default. */
  readonly proviso?: boolean;
  /** Look for sets of threads that nothing can ever free, while others go on. On by default. */
  readonly partialDeadlocks?: boolean;
  /**
   * Look also for threads that only the exact behaviour of the others keeps waiting, once everything is explored; needs
   * the proviso, and fewer than 32 threads. On by default.
   */
  readonly exactPartialDeadlocks?: boolean;
  readonly order?: 'bfs' | 'dfs';
  /** Stored states; beyond, the verdict is incomplete. Default 5,000,000. */
  readonly maxStates?: number;
  /** The same once something was found; as many when absent. */
  readonly maxStatesAfterFinding?: number;
  /** Go on after the first dead end. Default: stop. */
  readonly all?: boolean;
  /** States to spend on a shorter witness with the reductions off. Default 200,000; 0 leaves the first one found. */
  readonly witnessStates?: number;
  /** Go on where an earlier exploration of the same model stopped; see {@link Exploration.checkpoint}. */
  readonly resume?: Checkpoint;
  readonly limits?: Partial<SystemLimits>;
  readonly onProgress?: (progress: SearchProgress) => boolean | undefined;
  /** Searches of models that may differ in names and events only: they are made once. */
  readonly known?: KnownSearches;
}

/** States that are stored before steps are fused, where the first finding is the one to tell. */
const STEP_BY_STEP = 4096;

/** Threads that are stuck, with a run that leads there. */
export interface DeadlockFinding {
  readonly kind: 'deadlock';
  /** Others can still move, but nothing they do frees these. */
  readonly partial: boolean;
  readonly witness: Witness;
}

/** A step that the model's author declared impossible, with a run that leads there. */
export interface ModelErrorFinding {
  readonly kind: 'model-error';
  readonly code: string;
  readonly message: string;
  readonly witness: Witness;
}

/** What a thread does before anybody can see it. */
export interface Prologue {
  readonly threads: readonly string[];
  readonly passed: readonly Passed[];
  readonly start: LocalState;
}

/** What an exploration says, within its bounds. */
export interface Exploration {
  /** `proved`: searched to the end, nothing found. `incomplete`: a budget was spent first. */
  readonly verdict: 'proved' | 'found' | 'incomplete';
  readonly states: number;
  readonly transitions: number;
  readonly exhausted: boolean;
  readonly deadlocks: readonly DeadlockFinding[];
  readonly errors: readonly ModelErrorFinding[];
  /** Bytes of the stored states. */
  readonly bytes: number;
  /** Every transition that was taken, for rules that judge events. */
  readonly taken: () => Iterable<TakenStep>;
  /**
   * The same on the full automata, thread by thread: `from` is a thread's first state, or the end of a step that came
   * before, so that whoever follows along knows the history of each step.
   */
  readonly walk: () => Iterable<WalkedStep>;
  /** Are {@link sureWalk} and {@link mayWalk} not the same? */
  readonly leavesOpen: () => boolean;
  /** Those of {@link walk} that are certain without another search. */
  readonly sureWalk: () => Iterable<WalkedStep>;
  /**
   * All of {@link walk}, and steps of which only another search could say that no run takes them, on automata of which
   * nobody could tell. What holds of all these holds of the walk, and asking for them never searches again.
   */
  readonly mayWalk: () => Iterable<WalkedStep>;
  /** Folded steps before each thread's first state. */
  readonly prologues: () => Iterable<Prologue>;
  /** Equal for two models that nobody can tell apart, thread by thread. */
  readonly signatures: readonly string[];
  readonly system: System;
  /** Where a search that spent its budget stopped, for `resume`; undefined when there is nothing left to search. */
  readonly checkpoint: () => Checkpoint | undefined;
}

/**
 * Explores every interleaving and every choice of a model, and proves that nothing gets stuck within its bounds,
 * or shows how.
 *
 * @throws EngineError for models that cannot be explored; never for a finding
 */
export function explore(model: Model, options: ExploreOptions = {}): Exploration {
  if (model.threads.length === 0)
    throw new EngineError('ENGINE_MODEL', model.name, 'a model without threads proves nothing');
  const system = compileSystem(model, { ...defaultLimits, ...options.limits }, options.minimise ?? true);
  return exploreSystem(system, options);
}

/** Explores a model that is compiled already. */
export function exploreSystem(system: System, options: ExploreOptions = {}): Exploration {
  return conclude(system, (options.known?.search ?? search)(system, searchOptionsOf(options)), options);
}

/** The search that the options ask for, defaults filled in. */
export function searchOptionsOf(options: ExploreOptions): SearchOptions {
  return {
    order: options.order ?? 'bfs',
    persistentSets: options.persistentSets ?? true,
    symmetry: options.symmetry ?? true,
    fuse: options.fuse ?? true,
    fuseFrom: options.fuseFrom ?? (options.all === true ? 0 : STEP_BY_STEP),
    bisimulation: options.bisimulation ?? true,
    sleepSets: options.sleepSets ?? false,
    proviso: options.proviso ?? true,
    maxStates: options.maxStates ?? 5_000_000,
    ...(options.maxStatesAfterFinding === undefined ? {} : { maxStatesAfterFinding: options.maxStatesAfterFinding }),
    stopAtFirst: !(options.all ?? false),
    partialDeadlocks: options.partialDeadlocks ?? true,
    exactPartialDeadlocks: options.exactPartialDeadlocks ?? true,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    ...(options.resume === undefined ? {} : { resume: options.resume }),
  };
}

/** Makes what a search found into an answer. */
export function conclude(system: System, result: SearchResult, options: ExploreOptions): Exploration {
  const { symmetry } = result.options;
  const deadlocks = result.deadEnds.map((end, index) =>
    deadlock(system, result, end, index === 0 ? options : { ...options, witnessStates: 0 }, symmetry),
  );
  const errors = result.errors.map((error): ModelErrorFinding => {
    const witness = describeWitness(system, movesOf(system, [...stepsTo(system, result, error.state), error]), []);
    if (witness.steps.at(-1)?.error === undefined)
      throw new Error('a model error cannot be replayed: the search and the run disagree');
    return { kind: 'model-error', code: error.code, message: error.message, witness };
  });
  const found = deadlocks.length + errors.length > 0;
  const steps = stepsOf(system, result, options.known?.search ?? search);
  return {
    verdict: found ? 'found' : result.exhausted ? 'proved' : 'incomplete',
    states: result.states,
    transitions: result.transitions,
    exhausted: result.exhausted,
    deadlocks,
    errors,
    bytes: result.bytes,
    taken: () => takenSteps(system, steps.taken()),
    walk: () => walkedSteps(system, steps.taken()),
    leavesOpen: steps.open,
    sureWalk: () => walkedSteps(system, { has: steps.sure }),
    mayWalk: () => walkedSteps(system, { has: steps.may }),
    prologues: () =>
      system.automata.map((automaton, index) => ({
        threads: namesOf(system, index),
        passed: automaton.minimal.passed,
        start: automaton.detailed.start,
      })),
    signatures: system.automatonOf.map((index) => (system.automata[index] as CompiledAutomaton).minimal.signature),
    system,
    // A search that a finding stopped has left its last state half expanded.
    checkpoint: () => (result.exhausted || (found && options.all !== true) ? undefined : result.checkpoint()),
  };
}

/** The witness is made when somebody asks: a search may find thousands of dead ends. */
function deadlock(
  system: System,
  result: SearchResult,
  end: DeadEnd,
  options: ExploreOptions,
  symmetry: boolean,
): DeadlockFinding {
  let witness: Witness | undefined;
  return {
    kind: 'deadlock',
    partial: end.partial,
    get witness() {
      witness ??= deadlockWitness(system, result, end, options, symmetry);
      return witness;
    },
  };
}

/**
 * So many times as many states, and more, take all interleavings for a run of the same length: who has not that much left
 * does not get so far.
 */
const WIDER = 3;

function deadlockWitness(
  system: System,
  result: SearchResult,
  end: DeadEnd,
  options: ExploreOptions,
  symmetry: boolean,
): Witness {
  const budget = options.witnessStates ?? 200_000;
  // Who asks for full deadlocks only gets a run that ends in one.
  const wholly = options.partialDeadlocks === false;
  let path = pathTo(system, result, end.state);
  if (budget > 0) {
    // A run into a full deadlock has all its steps in some order under persistent sets, too: the shortest is among them.
    // Threads that only some of the others leave stuck may be reached sooner without.
    const nearer = (persistentSets: boolean): { readonly states: number; readonly wholly: boolean } => {
      const again = (options.known?.search ?? search)(system, {
        order: 'bfs',
        persistentSets,
        symmetry,
        fuse: false,
        bisimulation: options.bisimulation ?? true,
        exactFutures: false,
        proviso: false,
        maxStates: budget,
        stopAtFirst: true,
        partialDeadlocks: !wholly,
      });
      const nearest = again.deadEnds[0];
      if (nearest !== undefined) {
        const direct = pathTo(system, again, nearest.state);
        if (direct.length <= path.length) path = direct;
      }
      return { states: again.states, wholly: nearest?.partial === false };
    };
    const narrow = isNearest(result, end) ? { states: end.state, wholly: !end.partial } : nearer(true);
    if (!wholly && !narrow.wholly && narrow.states * WIDER <= budget) nearer(false);
  }
  const stuck = stuckThreads(system, path);
  // The run ends in the very state that was stored, whose threads only the whole exploration shows to be stuck.
  if (stuck.length === 0) return describeWitness(system, path, end.threads);
  return describeWitness(system, shorten(system, path, stuck, wholly), stuck);
}

/** Was a dead end met before all others, breadth first, with every step stored that leads there? */
function isNearest({ options, deadEnds }: SearchResult, end: DeadEnd): boolean {
  return options.order === 'bfs' && end === deadEnds[0] && !fusesAt(options, end.state);
}

function stuckThreads(system: System, path: Parameters<typeof describeWitness>[1]): readonly number[] {
  const run = packedRun(system);
  for (const move of path) run.take(move);
  return run.stuck();
}
