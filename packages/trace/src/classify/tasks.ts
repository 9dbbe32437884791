import type { RawRecord } from '../record.ts';
import { TaskState } from './task-state.ts';

/** Tasks that have not been heard of for longest are forgotten beyond this number. */
const MAX_TASKS = 65_536;

/** All tasks that were heard of. */
export class Tasks {
  readonly #all = new Map<number, TaskState>();
  readonly #forgetting: () => void;
  #lastKey = Number.NaN;
  #last: TaskState | undefined;

  /** `forgetting` is called before a task is forgotten. */
  constructor(forgetting: () => void) {
    this.#forgetting = forgetting;
  }

  /** The task of a record, new or known. */
  of(record: RawRecord): TaskState {
    const key = taskKey(record);
    if (key === this.#lastKey && this.#last !== undefined) return this.#last;
    const task = this.#all.get(key) ?? this.#add(key, record);
    this.#lastKey = key;
    this.#last = task;
    return task;
  }

  find(record: RawRecord): TaskState | undefined {
    return this.#all.get(taskKey(record));
  }

  all(): Iterable<TaskState> {
    return this.#all.values();
  }

  #add(key: number, record: RawRecord): TaskState {
    const task = new TaskState(record.pid, taskName(record));
    if (this.#all.size >= MAX_TASKS) this.#forgetIdle();
    this.#all.set(key, task);
    return task;
  }

  /** Tasks that hold nothing and are inside nothing carry no knowledge, so forgetting them loses none. */
  #forgetIdle(): void {
    this.#forgetting();
    for (const [key, task] of this.#all) {
      if (task.held.length === 0 && task.fault === undefined && task.scopes.length === 0) this.#all.delete(key);
    }
    if (this.#all.size < MAX_TASKS) return;
    for (const key of this.#all.keys()) {
      this.#all.delete(key);
      return;
    }
  }
}

/** The idle tasks of all CPUs share pid 0. */
const taskKey = (record: RawRecord): number => (record.pid === 0 ? -1 - record.cpu : record.pid);

/** A copy: the text is part of a chunk of the file, and tasks are remembered. */
function taskName(record: RawRecord): string {
  return Buffer.from(`${record.comm}-${record.pid === 0 ? `0/${record.cpu}` : record.pid}`).toString();
}
