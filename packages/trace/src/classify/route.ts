import type { RawRecord, SourceRecord } from '../record.ts';
import type { Classifier } from './classifier.ts';
import type { EventMeaning } from './compile.ts';
import type { Reads } from './memory/reads.ts';
import type { TaskState } from './task-state.ts';

/** What happens on the records that every kernel has, whatever the vocabularies say. */
export type Builtin = (to: Classifier, task: TaskState, record: SourceRecord) => void;

/** What becomes of the records of one name. */
export interface Route {
  readonly name: string;
  readonly meaning: EventMeaning | undefined;
  readonly builtin: Builtin | undefined;
  readonly isStack: boolean;
  /** Who asked for these records themselves. */
  readonly passedOn: ((record: RawRecord) => void) | undefined;
  /** The task is back in user space, or in another fault. */
  readonly endsFault: boolean;
  /** The event may be a kprobe, to whose preemption depth tracing adds nothing. */
  readonly isProbe: boolean;
  /** May stand between dropping a lock and the event that names it. */
  readonly precedesName: boolean;
  /** A lock is dropped. */
  readonly isDrop: boolean;
  /** What the memory of runs knows its records by; `undefined` when they may be of any kind. */
  reads: Reads | undefined;
  /** `reads` has been worked out. */
  read: boolean;
  seen: boolean;
}
