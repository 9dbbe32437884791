/** What lockdep complained about. */
export type SplatKind = 'circular' | 'recursive' | 'inconsistent' | 'irq-order' | 'irq-inversion';

/** A lock as a report prints it. */
export interface SplatLock {
  /** Name with `/N` for a nesting subclass, as printed. */
  readonly id: string;
  readonly lock: string;
  readonly subclass: number;
  /** Usage letters, for example `+.+.`; the empty string where a report has none. */
  readonly usage: string;
  /** Wait types `{outer:inner}`, printed from 5.7 on. */
  readonly waitType?: string;
  readonly address?: string;
  /** Function that takes it, without offset. */
  readonly at?: string;
}

/** One entry of the dependency chain: where this lock was taken with the next lower one held. */
export interface SplatLink {
  readonly index: number;
  readonly lock: SplatLock;
  /** Innermost first, frames that the kernel marks as unreliable left out. */
  readonly backtrace: readonly string[];
}

/** One lockdep report. Everything but kind and line may be missing in a truncated one. */
export interface SplatReport {
  readonly kind: SplatKind;
  /** 1-based line of the headline, and of the last line that belongs to the report. */
  readonly line: number;
  readonly lastLine: number;
  readonly timestamp?: string;
  /** Release and build, for example `6.1.192 #2`. */
  readonly kernel?: string;
  readonly task?: { readonly comm: string; readonly pid: number };
  readonly wanted?: SplatLock;
  readonly holding?: SplatLock;
  /** `{RECLAIM_FS-ON-W} -> {IN-RECLAIM_FS-W}` of an inconsistent lock state, and where the first was seen. */
  readonly usage?: { readonly from: string; readonly to: string; readonly registered: readonly string[] };
  /** Highest index first, as printed. */
  readonly chain: readonly SplatLink[];
  /** `Chain exists of:` names, first to last. */
  readonly chainOf: readonly string[];
  readonly scenario: readonly { readonly cpu: number; readonly op: string; readonly lock: string }[];
  readonly held: readonly SplatLock[];
  readonly backtrace: readonly string[];
  /** What a complete report has and this one lacks. */
  readonly missing: readonly string[];
}

/** All of a log: its reports, and what its own header says when there is none. */
export interface SplatReading {
  readonly reports: readonly SplatReport[];
  /** Lines that start with `#`, without it: who made the file and how. */
  readonly notes: readonly string[];
  /** The header says that lockdep stayed silent. */
  readonly silent: boolean;
  readonly lines: number;
}
