import type { FaultpathEvent, TraceVocabulary, Watch } from '@faultpath/lockdep';
import type { RawRecord } from '../record.ts';
import type { TraceFault } from './fault-record.ts';

export interface ClassifierOptions {
  readonly vocabularies: readonly TraceVocabulary[];
  /** Release of the recorded kernel; guessed from the recording when absent. */
  readonly kernel?: string;
  /** Name of the file, for `where`. */
  readonly file?: string;
}

/** What the classifier hands on: events in order, and faults when they are over. */
export interface ClassifierSink {
  event(event: FaultpathEvent): void;
  fault?(fault: TraceFault): void;
  /** `fault` gets only those in which a known filesystem was entered. */
  readonly namedFaults?: boolean;
  /** False once no further fault is wanted: making one that nobody keeps costs more than judging it. */
  moreFaults?(): boolean;
  /** Gets the records named in `records` themselves; valid during the call only. */
  record?(record: RawRecord): void;
  readonly records?: readonly string[];
  /** Events that are no news to this judge need not be handed on. */
  readonly repeats?: Repeats;
}

/** A judge to whom runs of events that are no news need not be given again. */
export interface Repeats {
  /** It knows of nothing that the task of this name holds or is inside of. */
  isIdle(task: string): boolean;
  /** Asks it to tell of its news, before the first event. */
  tell(watch: Watch): void;
}

/** What was seen, and what was left out and why. */
export interface ClassifierCounts {
  records: number;
  /** Records that no vocabulary knows. */
  unknown: number;
  events: number;
  /** Records of interrupts, which are not the task's own. */
  interrupts: number;
  /** Locks taken with preemption off: spinlocks, RCU and the like; they hold nobody up who sleeps. */
  atomicLocks: number;
  /** Releases of locks whose taking was not recorded. */
  unmatchedReleases: number;
  /** Locks, scopes and reclaims without a recorded end, which were ended because a task can't have so many at once. */
  givenUp: number;
  /** Announced trylocks whose outcome was not recorded. */
  unknownTrylocks: number;
  lost: number;
  unreadable: number;
}

export function noCounts(): ClassifierCounts {
  return {
    records: 0,
    unknown: 0,
    events: 0,
    interrupts: 0,
    atomicLocks: 0,
    unmatchedReleases: 0,
    givenUp: 0,
    unknownTrylocks: 0,
    lost: 0,
    unreadable: 0,
  };
}
