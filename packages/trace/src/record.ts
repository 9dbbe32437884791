import type { Tokens } from './classify/memory/tokens.ts';
import type { EventName } from './event-name.ts';
import type { Place } from './place.ts';
import type { FieldName, Word } from './word.ts';

/**
 * The one record all readers emit, whatever the file's form. The contract is written for speed: a reader may reuse
 * one object for every record, so whoever keeps anything beyond the callback copies the values it needs.
 */
export interface RawRecord {
  /** Name of the task, as the recording has it; `<...>` when the recording lost it. */
  readonly comm: string;
  readonly pid: number;
  readonly cpu: number;
  /** The latency columns (`d..1.`); empty when the recording has none. */
  readonly flags: string;
  /** Seconds as printed; a string, because no precision may be lost. */
  readonly timestamp: string;
  /**
   * Event or probe name without its group, for example `mm_page_alloc`. Three names are the readers' own:
   * `kernel_stack` (a backtrace of the same task's record before it), `tracing_mark_write` (a marker), and
   * `function` (a line of a function tracer).
   */
  readonly name: string;
  /** 1-based line of a text recording. */
  readonly line?: number;
  /** 0-based record number of a binary recording. */
  readonly record?: number;
  /** Functions without offsets, innermost first; only on a `kernel_stack`. */
  readonly stack?: readonly string[] | undefined;

  /**
   * A field's value as the text form of a recording prints it (`GFP_NOFS|__GFP_ZERO`, `259:0`, `0xff19`), found by its
   * printed name; a binary reader also accepts the field's name in the file's format description. Kprobes have
   * `__probe_ip` (entry), `__probe_func` and `__probe_ret_ip` (return) beside their own fetches.
   */
  getText(field: string): string | undefined;
  /** The field as a number; `undefined` when it is absent, no number, or above 2^53. Hex is understood. */
  getNumber(field: string): number | undefined;
  getBigInt(field: string): bigint | undefined;
  /** The function name behind a code address field: no offset, no module. */
  getSymbol(field: string): string | undefined;
  /** What the recording's text form prints after `name: `. */
  format(): string;
}

/** What the readers here give beyond the record's contract, for the classifier, which asks every record. */
export interface SourceRecord extends RawRecord {
  readonly event: EventName;
  /** The field's text, as one object for those that come again. */
  word(field: FieldName): Word | undefined;
  /** A number for the field's text. */
  token(field: FieldName, tokens: Tokens): number;
  /** As `getNumber`. */
  number(field: FieldName): number | undefined;
  /** Character code of a latency column, the first being 0; `NaN` when the recording has none. */
  flagAt(column: number): number;
  place(file: string | undefined): Place;
  /** Whether it can be come back to; records of rare forms cannot. */
  readonly savable: boolean;
  /** Writes `SAVED` numbers that say where the record stands. */
  save(into: Float64Array, at: number): void;
  /** Remembers what the record is now; what it returns makes it that again. */
  hold(): () => void;
  /** Moves this record to where one was saved. Not after the reader has said `forgetting`. */
  goTo(from: Float64Array, at: number): void;
}

/** So many numbers say where a record stands. */
export const SAVED = 6;

/** Why a piece of a recording could not be read. */
export interface UnreadablePiece {
  /** 1-based line, or 0-based record for a binary file. */
  readonly line?: number;
  readonly record?: number;
  readonly reason: string;
}

/** What a reader tells its consumer. Calls come in file order; no call after `end`. */
export interface RecordSink {
  record(record: RawRecord): void;
  /** The release of the recorded kernel, where the file names it; before the first record. */
  release?(release: string): void;
  /** The recorder dropped events here; `count` is absent when the recording doesn't say how many. */
  lost(where: {
    readonly cpu?: number;
    readonly line?: number;
    readonly record?: number;
    readonly count?: number;
  }): void;
  /** Asked once for each event name: records of names that are not wanted may be left out, and are then only counted. */
  wants?(name: string): boolean;
  /** A record of a name that is not wanted. */
  skipped?(): void;
  /** Records that were saved cannot be come back to after this call. */
  forgetting?(): void;
  /** A piece that could not be read. Never silent: every such piece ends here. */
  unreadable(piece: UnreadablePiece): void;
}

/** `xfs_trans_alloc+0x12/0x40 [xfs]` → `xfs_trans_alloc`; also for compiler clones (`grab_mapping_entry.isra.0`). */
export function symbolName(text: string): string {
  let end = text.indexOf('+');
  if (end === -1) end = text.indexOf(' ');
  const name = end === -1 ? text : text.slice(0, end);
  const clone = name.indexOf('.');
  return clone > 0 ? name.slice(0, clone) : name;
}

/** A printed number, decimal or `0x…`; `undefined` when it is none or too large to be exact. */
export function textNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (text.length === 1) {
    const digit = text.charCodeAt(0) - 48;
    if (digit >= 0 && digit <= 9) return digit;
  }
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

export function textBigInt(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^(-?\d+|0x[0-9a-fA-F]+)$/.test(text)) return undefined;
  return BigInt(text);
}
