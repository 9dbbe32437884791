import type { Where } from '@faultpath/lockdep';

/** Prints the timestamps of a binary recording. */
export interface TimePrinter {
  text(time: number): string;
}

/**
 * Where a record stands, before anybody wants to read it: most places are never printed, and printing a time costs more
 * than judging an event.
 */
export class Place {
  readonly #file: string | undefined;
  readonly #number: number;
  readonly #cpu: number;
  readonly #time: string | number;
  /** Absent for a line of text, whose time is its own text. */
  readonly #printer: TimePrinter | undefined;

  constructor(file: string | undefined, number: number, cpu: number, time: string | number, printer?: TimePrinter) {
    this.#file = file;
    this.#number = number;
    this.#cpu = cpu;
    this.#time = time;
    this.#printer = printer;
  }

  get where(): Where {
    const [file, number, cpu] = [this.#file, this.#number, this.#cpu];
    if (this.#printer === undefined) {
      const timestamp = String(this.#time);
      return file === undefined ? { line: number, timestamp, cpu } : { file, line: number, timestamp, cpu };
    }
    const timestamp = this.#printer.text(Number(this.#time));
    return file === undefined ? { record: number, timestamp, cpu } : { file, record: number, timestamp, cpu };
  }
}
