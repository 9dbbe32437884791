/** Something of which it is kept which tasks did it: two of them stand for all. */
export interface TaskList {
  /** Adds a task, where there are not two yet. */
  note(task: string): unknown;
}

/**
 * Who repeats whole runs of a task from memory needs to know that a run changed nothing but its own task: that it taught a
 * judge nothing, had nothing reported, and which lists of tasks it stands in.
 */
export interface Watch {
  /** Something was learned or reported, or would have been, had it not been before. */
  news(): void;
  /** This task was noted in this list. */
  noted(task: string, list: TaskList): void;
}
