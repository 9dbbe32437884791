import { SAVED, type SourceRecord } from '../../record.ts';

/** When so many records were walked over, those whose runs go on are judged. */
const MAX_LOGGED = 4096;

const NONE = -1;

/** A task's part of the log. */
export class LoggedRecords {
  first = NONE;
  last = NONE;

  get isEmpty(): boolean {
    return this.first === NONE;
  }

  clear(): void {
    this.first = NONE;
    this.last = NONE;
  }
}

/** Where the records stand that were walked over and not judged, of all tasks in one piece of memory. */
export class RunLog {
  readonly #numbers = new Float64Array(MAX_LOGGED * SAVED);
  readonly #next = new Int32Array(MAX_LOGGED);
  #used = 0;

  get isFull(): boolean {
    return this.#used === MAX_LOGGED;
  }

  /** When nobody's part has anything any more. */
  clear(): void {
    this.#used = 0;
  }

  add(to: LoggedRecords, record: SourceRecord): void {
    const entry = this.#used;
    record.save(this.#numbers, entry * SAVED);
    this.#next[entry] = NONE;
    if (to.first === NONE) to.first = entry;
    else this.#next[to.last] = entry;
    to.last = entry;
    this.#used = entry + 1;
  }

  /** Moves the record to each place of a part, in their order, and back. */
  forEach(part: LoggedRecords, record: SourceRecord, use: (record: SourceRecord) => void): void {
    const back = record.hold();
    for (let entry = part.first; entry !== NONE; entry = this.#next[entry] as number) {
      record.goTo(this.#numbers, entry * SAVED);
      use(record);
    }
    back();
  }
}
