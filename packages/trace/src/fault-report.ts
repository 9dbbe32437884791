import type { Finding } from '@faultpath/lockdep';
import type { TraceFault } from './classify/fault-record.ts';
import { type ReadOptions, type ReadSummary, readTrace } from './read.ts';
import type { UnreadablePiece } from './record.ts';
import type { TraceSource } from './text/source.ts';

/** What can't be judged from this recording, and what would tell. */
export interface TraceNotRun {
  /** Rule or kind of knowledge. */
  readonly id: string;
  readonly reason: string;
  /** The probe or event to record next time. */
  readonly probe?: string;
}

/** What was read, in numbers. */
export interface RecordingFacts {
  readonly file: string;
  readonly format: ReadSummary['format'];
  readonly kernel: { readonly release: string; readonly because: string };
  readonly records: number;
  readonly events: number;
  readonly unknownRecords: number;
  readonly interruptRecords: number;
  readonly atomicLocks: number;
  readonly unmatchedReleases: number;
  /** Locks, scopes and reclaims that no recorded event ends; ended when their task had more than it can. Where they began. */
  readonly givenUp: { readonly count: number; readonly first: readonly UnreadablePiece[] };
  readonly unknownTrylocks: number;
  readonly lostEvents: number;
  readonly unreadable: { readonly count: number; readonly first: readonly UnreadablePiece[] };
  readonly truncated: boolean;
}

/** The document of `trace check --json`. */
export interface TraceReport {
  readonly schema: 'faultpath/trace/1';
  readonly recording: RecordingFacts;
  readonly faults: readonly TraceFault[];
  readonly findings: readonly Finding[];
  readonly notrun: readonly TraceNotRun[];
}

export interface FaultOptions extends ReadOptions {
  /** Also faults in which no known filesystem was entered. */
  readonly anonymous?: boolean;
  /** Keep no more faults than this; the rest is judged, but not listed. */
  readonly maxFaults?: number;
}

/** More faults than a person reads; a recording can have millions. */
export const DEFAULT_MAX_FAULTS = 10_000;

/**
 * Reads a recording and returns its faults, each with its locks, scopes, handles and allocations in order.
 * @throws TraceError as `readTrace`
 */
export async function readFaults(source: TraceSource, options: FaultOptions): Promise<TraceReport> {
  const faults: TraceFault[] = [];
  const max = options.maxFaults ?? DEFAULT_MAX_FAULTS;
  const summary = await readTrace(source, options, {
    namedFaults: options.anonymous !== true,
    moreFaults: () => faults.length < max,
    fault(fault) {
      if (wanted(fault, options)) faults.push(fault);
    },
  });
  return {
    schema: 'faultpath/trace/1',
    recording: factsOf(summary, options.file ?? (typeof source === 'string' ? source : 'input')),
    faults,
    findings: [],
    notrun: invisibleIn(summary),
  };
}

export const wanted = (fault: TraceFault, options: FaultOptions): boolean =>
  options.anonymous === true || fault.fs !== undefined;

export function factsOf(summary: ReadSummary, file: string): RecordingFacts {
  const { counts } = summary;
  return {
    file,
    format: summary.format,
    kernel: summary.kernel,
    records: counts.records,
    events: counts.events,
    unknownRecords: counts.unknown,
    interruptRecords: counts.interrupts,
    atomicLocks: counts.atomicLocks,
    unmatchedReleases: counts.unmatchedReleases,
    givenUp: { count: counts.givenUp, first: summary.classifier.givenUp },
    unknownTrylocks: counts.unknownTrylocks,
    lostEvents: counts.lost,
    unreadable: { count: counts.unreadable, first: summary.unreadable },
    truncated: summary.truncated,
  };
}

/** What the recording can't show, by the vocabularies and by which events are missing. */
export function invisibleIn(summary: ReadSummary): readonly TraceNotRun[] {
  const notrun: TraceNotRun[] = [];
  const { vocabulary } = summary.classifier;
  for (const rule of vocabulary.invisible) {
    if (rule.knowledge === 'freeze' && summary.lockdep) continue;
    if (rule.fs !== undefined && !isPresent(summary, rule.fs)) continue;
    if (notrun.some((entry) => entry.id === rule.knowledge && entry.reason === rule.because)) continue;
    notrun.push({ id: rule.knowledge, reason: rule.because, probe: rule.probe });
  }
  const { seen } = summary;
  const missing = (id: string, events: readonly string[], reason: string): void => {
    if (!events.some((event) => seen.has(event))) notrun.push({ id, reason, probe: events.join(', ') });
  };
  // Files of the first schema do not say which events were recorded.
  if (summary.format === 'jsonl' && seen.size === 0) return notrun;
  missing('locks', ['down_read', 'mutex_lock', 'lock_acquire', 'xfs_ilock'], 'no event that takes a lock was recorded');
  missing('effective-mask', ['mm_page_alloc'], 'no event prints the mask after the scopes');
  missing('requested-mask', ['kmem_cache_alloc', 'kmalloc'], 'no event prints the mask as passed');
  missing('faults', ['handle_mm_fault', 'page_fault_user', 'page_fault_kernel'], 'nothing says where a fault begins');
  missing(
    'reclaim',
    ['mm_vmscan_direct_reclaim_begin', 'mm_vmscan_memcg_reclaim_begin'],
    'no direct reclaim: there was none, or its events were not enabled',
  );
  return notrun;
}

/** An event of that filesystem occurred, or one that names it. */
export function isPresent({ classifier, seen }: ReadSummary, fs: string): boolean {
  if (classifier.filesystems.has(fs)) return true;
  for (const name of seen) if (classifier.vocabulary.events.get(name)?.fs === fs) return true;
  return false;
}
