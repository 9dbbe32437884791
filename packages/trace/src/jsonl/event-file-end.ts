import type { Classifier } from '../classify/classifier.ts';
import type { ClassifierCounts } from '../classify/classifier-sink.ts';
import type { ReadSummary } from '../read.ts';

/** Counts that the events alone do not tell. */
const TOLD = [
  'unknown',
  'interrupts',
  'atomicLocks',
  'unmatchedReleases',
  'givenUp',
  'unknownTrylocks',
  'lost',
] as const;

/** Last line of an event file: how much stands before it, and what only the whole recording could tell. */
export interface EventFileEnd {
  readonly type: 'end';
  readonly events: number;
  readonly kernel?: string;
  /** The recorded kernel has lockdep. */
  readonly lockdep?: boolean;
  /** Names of the known events that occurred. */
  readonly seen?: readonly string[];
  /** Filesystems that an event named without being their own. */
  readonly filesystems?: readonly string[];
  /** Classes that are only their caller's name. */
  readonly unknownClasses?: readonly string[];
  readonly counts?: Readonly<Partial<Record<(typeof TOLD)[number], number>>>;
  /** Pieces of the recording that could not be read. */
  readonly unreadable?: number;
  readonly truncated?: boolean;
}

export function endOf(summary: ReadSummary, events: number): EventFileEnd {
  const { kernel, lockdep, seen, classifier, counts, truncated } = summary;
  return {
    type: 'end',
    events,
    kernel: kernel.release,
    lockdep,
    seen: [...seen],
    filesystems: [...classifier.filesystems],
    unknownClasses: [...classifier.unknownClasses],
    counts: Object.fromEntries(TOLD.map((name) => [name, counts[name]])),
    unreadable: counts.unreadable,
    truncated,
  };
}

/** Gives the classifier what it would know had it read the recording itself. */
export function restore(to: Classifier, end: EventFileEnd, line: number): void {
  if (end.kernel !== undefined) to.release(end.kernel);
  if (end.lockdep === true) to.lockdepSeen = true;
  for (const name of end.seen ?? []) to.alsoSeen.add(name);
  for (const name of end.filesystems ?? []) to.filesystems.add(name);
  for (const name of end.unknownClasses ?? []) to.unknownClasses.add(name);
  const counts: ClassifierCounts = to.counts;
  for (const name of TOLD) counts[name] += end.counts?.[name] ?? 0;
  const givenUp = end.counts?.givenUp ?? 0;
  if (givenUp > 0)
    to.givenUp.push({
      line,
      reason: `${givenUp} locks, scopes or reclaims of the recording that was converted never end`,
    });
  const missing = end.unreadable ?? 0;
  if (missing === 0) return;
  to.unreadable({ line, reason: `${missing} pieces of the recording that was converted could not be read` });
  counts.unreadable += missing - 1;
}

export function isEnd(value: unknown): value is EventFileEnd {
  if (typeof value !== 'object' || value === null) return false;
  const { type, events, kernel, lockdep, seen, filesystems, unknownClasses, counts, unreadable, truncated } =
    value as Readonly<Record<string, unknown>>;
  return (
    type === 'end' &&
    isCount(events) &&
    absentOr('string', kernel) &&
    absentOr('boolean', lockdep) &&
    absentOr('boolean', truncated) &&
    (unreadable === undefined || isCount(unreadable)) &&
    [seen, filesystems, unknownClasses].every(isNames) &&
    (counts === undefined || (typeof counts === 'object' && counts !== null && Object.values(counts).every(isCount)))
  );
}

const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const absentOr = (type: string, value: unknown): boolean => value === undefined || typeof value === type;
const isNames = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.every((name) => typeof name === 'string'));
