import type { TaskList } from '@faultpath/lockdep';
import type { ClassifierCounts } from '../classifier-sink.ts';
import { LoggedRecords } from './run-log.ts';

/** What a run adds to the counts of what was seen. */
export type RunCounts = Pick<ClassifierCounts, 'events' | 'unmatchedReleases' | 'unknownTrylocks'>;

/** A run that is known: from one resting place of a task to the next, without news. */
export interface KnownRun extends RunCounts {
  /** The place where it ends. */
  readonly rest: number;
  /** Who was the first to run it. */
  readonly task: string;
  /** Lists of the judge in which that task stands; none once a second task stands there, too. */
  lists: readonly TaskList[];
}

/** Not walking: the task is judged record by record. */
export const ASTRAY = 0;

/** Where a task is in what the memory knows. */
export class TaskRun {
  /** The node it has come to, or `ASTRAY`. */
  node = ASTRAY;
  /** The resting place that it set out from. */
  rest = 0;
  /** The resting place that its state of the classifier is at, while nothing of the run has been judged. */
  stateAt = 0;
  /** Part of the run has been judged, so the state of the classifier is inside it. */
  inside = false;
  /** Of the table that `node` stands in. */
  age = 0;

  /** Objects that this run has named so far. */
  readonly slots: number[] = [];
  slotsUsed = 0;

  /** Records that were walked over and not judged. */
  readonly logged = new LoggedRecords();
  /** It stands in the memory's list of tasks that may have some. */
  listed = false;

  /** What follows `from` on the way that is being learned. */
  readonly path: number[] = [];
  /** 0 when this run is not learned. */
  from = 0;
  /** State of the memory's news when the first record of the run was judged. */
  news = 0;
  readonly counts: RunCounts = { events: 0, unmatchedReleases: 0, unknownTrylocks: 0 };
  readonly lists = new Set<TaskList>();
}
