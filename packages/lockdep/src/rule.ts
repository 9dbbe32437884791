import type { FaultpathEvent, LockEvent, MaskFact, ScopeEvent } from './events.ts';
import type { Finding, FindingLevel } from './finding.ts';

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
  | 'lock-order';

/** What the task of an event holds and is inside of, just before the event. */
export interface TaskContext {
  readonly task: string;
  /** Oldest first. */
  readonly held: readonly LockEvent[];
  /** Open scopes, oldest first. */
  readonly scopes: readonly ScopeEvent[];
  /** Set while the task is in reclaim: how it got there. */
  readonly reclaim?: { readonly via: string; readonly effective: MaskFact };
  readonly inFault: boolean;
}

/** One judgement over one source. Events of one task come in order; tasks interleave freely. */
export interface RuleRun {
  onEvent(event: FaultpathEvent, context: TaskContext): void;
  /** Called once, after the last event. */
  finish(): readonly Finding[];
}

/** A rule judges events, whatever they come from; what only a model can tell is no rule's business. */
export interface Rule {
  /** Stable id, `group/name`; its page is `docs/rules/group-name.md`. */
  readonly id: string;
  readonly title: string;
  readonly level: FindingLevel;
  readonly needs: readonly Knowledge[];
  start(): RuleRun;
}
