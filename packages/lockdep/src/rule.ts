import type { AssumedEdge } from './class-graph.ts';
import type { FaultpathEvent, LockEvent, MaskFact, ScopeEvent } from './events.ts';
import type { FeasibilityOptions } from './feasibility.ts';
import type { Finding, FindingLevel } from './finding.ts';
import type { Watch } from './watch.ts';

/** What a source can tell. A rule whose needs are not met is `notrun`, never a pass. */
export type Knowledge =
  | 'locks'
  | 'waits'
  | 'scopes'
  | 'requested-mask'
  | 'effective-mask'
  | 'mapping-mask'
  | 'mask-stores'
  | 'faults'
  | 'freeze'
  | 'lock-order'
  | 'calls'
  | 'leaves'
  | 'lock-contracts';

/**
 * What the task of an event holds and is inside of, just before the event. Valid during the call only: the arrays may
 * be reused, so whoever keeps them copies them.
 */
export interface TaskContext {
  readonly task: string;
  /** Oldest first. */
  readonly held: readonly LockEvent[];
  /** Open scopes, oldest first. */
  readonly scopes: readonly ScopeEvent[];
  /** Set while the task is in reclaim: how it got there. */
  readonly reclaim?: {
    readonly via: string;
    readonly effective: MaskFact;
    /** How many of `held` were held when reclaim was entered; absent when the source can't tell. */
    readonly heldAtEntry?: number;
  };
  readonly inFault: boolean;
}

/** One judgement over one source. Events of one task come in order; tasks interleave freely. */
export interface RuleRun {
  /** Types of the events that this run looks at; a judge need not hand it any other. All when absent. */
  readonly types?: readonly FaultpathEvent['type'][];
  onEvent(event: FaultpathEvent, context: TaskContext): void;
  /** Called once, after the last event. */
  finish(): readonly Finding[];
}

/** A declared lock order: either outermost to innermost, or pairs `[outer, inner]`. */
export type LockOrder = readonly string[] | readonly (readonly [outer: string, inner: string])[];

/** What is held where something is done, or is not, as the kernel's own comments and assertions say it. */
export interface LockContract {
  /** Functions that are all on the way to the step. */
  readonly in?: readonly string[];
  /** The step changes this data, or, with `reads`, looks at it. */
  readonly data?: string;
  readonly reads?: true;
  /** Functions of which none is on the way. */
  readonly unless?: readonly string[];
  /** One of these locks is held, or scopes open. Where the data belongs to an inode, a lock of an inode is that one's. */
  readonly holds?: readonly string[];
  /** It is held exclusively. */
  readonly exclusive?: true;
  /** None of these locks is held. */
  readonly lacks?: readonly string[];
  /** Where that is said, and what would go wrong. */
  readonly because: string;
}

/** What a caller may know beyond the events. All of it is optional; a rule ignores what does not concern it. */
export interface RuleSetup {
  readonly lockOrder?: LockOrder;
  /** What is held where, from the adapter and the core. */
  readonly contracts?: readonly LockContract[];
  /** Dependencies known from elsewhere (an adapter's manifest), so that a recording of one fault can be judged. */
  readonly assume?: readonly AssumedEdge[];
  /**
   * The source is a whole model: the last event is really the end of every task, and the tasks and instances seen are
   * all there are. A recording just stops, and another task may do the same on another instance.
   */
  readonly closedWorld?: boolean;
  /** How far class cycles are followed; without it every cycle stays undecided. */
  readonly feasibility?: FeasibilityOptions;
  /** Told of all that a rule learns; only rules that are `watched` tell. */
  readonly watch?: Watch;
}

/** A rule judges events, whatever they come from; what only a model can tell is no rule's business. */
export interface Rule {
  /** Stable id, `group/name`; its page is `docs/rules/group-name.md`. */
  readonly id: string;
  readonly title: string;
  readonly level: FindingLevel;
  readonly needs: readonly Knowledge[];
  /** It tells `setup.watch` of all that it learns, so runs of events that are no news need not be given to it again. */
  readonly watched?: true;
  start(setup?: RuleSetup): RuleRun;
}
