import type { LockMode, Where } from './events.ts';

/** How much a finding weighs: `advisory` states one side of a discussion and never fails a run. */
export type FindingLevel = 'error' | 'advisory' | 'note';

/** One step of an explanation. Every finding has at least one; a finding nobody can explain is a defect. */
export interface Because {
  /** One sentence. */
  readonly text: string;
  readonly task?: string;
  readonly where?: Where;
  /** Kernel functions, innermost first. */
  readonly backtrace?: readonly string[];
}

/** A lock that a member of a cycle holds. */
export interface HeldLock {
  readonly lock: string;
  readonly instance: string;
  readonly mode: LockMode;
  /** Where it was taken. */
  readonly where?: Where;
}

/**
 * One task of a wait-for cycle: it holds `holds` and waits for `wants`, which the next task holds. In a recording one task
 * may stand for several members: it was seen doing all of it, at different times.
 */
export interface CycleMember {
  readonly task: string;
  readonly holds: readonly HeldLock[];
  readonly wants: { readonly lock: string; readonly instance: string; readonly mode: LockMode };
  /** Where it waits. */
  readonly where?: Where;
  /** Kernel functions at the wait, innermost first. */
  readonly backtrace: readonly string[];
  /** Effective mask of the allocation under which the task waits, in the kernel's spelling. */
  readonly mask?: string;
}

/** How far a class-level cycle was followed. */
export type Feasibility =
  | { readonly verdict: 'witnessed'; readonly schedule: string }
  | { readonly verdict: 'infeasible'; readonly why: string }
  | { readonly verdict: 'undecided'; readonly why: string };

/** What a rule reports: data, rendered later. */
export interface Finding {
  /** Stable id, for example `gfp/fs-recursion`. */
  readonly rule: string;
  readonly level: FindingLevel;
  /** One sentence that could be wrong. */
  readonly claim: string;
  readonly because: readonly Because[];
  /** Replay token `v1:…`, where a model can show it. */
  readonly schedule?: string;
  readonly cycle?: readonly CycleMember[];
  readonly feasibility?: Feasibility;
  readonly where?: Where;
}
