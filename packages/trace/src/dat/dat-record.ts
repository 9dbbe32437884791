import type { Tokens } from '../classify/memory/tokens.ts';
import type { EventName } from '../event-name.ts';
import { Place } from '../place.ts';
import { SAVED, type SourceRecord, symbolName } from '../record.ts';
import type { FieldName, Word } from '../word.ts';
import { bprintText } from './bprint.ts';
import type { Clock } from './clock.ts';
import type { CpuReader } from './cpu-reader.ts';
import type { EventFormat, ParsedFormat } from './event-format.ts';
import { EventPlace } from './event-place.ts';
import { EventPrinter } from './event-printer.ts';
import { dataRange, readBig, readHigh, readLow, readText, readWord } from './event-view.ts';
import type { PrintContext } from './print-context.ts';
import { contextColumn, latencyColumns } from './tables.ts';

/** What a recording's records share. */
export interface RecordTables extends PrintContext {
  readonly comms: ReadonlyMap<number, string>;
  /** By their order. */
  readonly readers: readonly CpuReader[];
  /** Gives a record that stands at an event of this number its format and name. */
  become(record: DatRecord, type: number, order: number, number: number): void;
}

/** The kernel's name for a marker that user space wrote. */
const markerFunction = 'tracing_mark_write';

/**
 * The record all events of a trace.dat are handed on in: one object, moved from event to event. Nothing of an event is
 * decoded before it is asked for.
 */
export class DatRecord implements SourceRecord {
  record = 0;
  event: EventName;
  readonly #at: EventPlace;
  #format: EventFormat;
  #parsed: ParsedFormat;
  #clock: Clock;
  readonly #tables: RecordTables;

  constructor(reader: CpuReader, format: EventFormat, event: EventName, clock: Clock, tables: RecordTables) {
    this.event = event;
    this.#at = new EventPlace(reader);
    this.#format = format;
    this.#parsed = format.parsed;
    this.#clock = clock;
    this.#tables = tables;
  }

  /** Points the record at a reader's current event; the readers' loop alone calls it. */
  moveTo(reader: CpuReader, format: EventFormat, event: EventName, clock: Clock, record: number): void {
    this.#at.take(reader, reader.start, reader.size, reader.time);
    this.become(format, event, clock, record);
  }

  get savable(): boolean {
    return true;
  }

  save(into: Float64Array, at: number): void {
    const place = this.#at;
    into[at] = place.order;
    into[at + 1] = place.start;
    into[at + 2] = place.size;
    into[at + 3] = place.time;
    into[at + 4] = this.#format.id;
    into[at + 5] = this.record;
  }

  goTo(from: Float64Array, at: number): void {
    const reader = this.#tables.readers[from[at] as number] as CpuReader;
    this.#at.take(reader, from[at + 1] as number, from[at + 2] as number, from[at + 3] as number);
    this.#tables.become(this, from[at + 4] as number, reader.order, from[at + 5] as number);
  }

  hold(): () => void {
    const here = new Float64Array(SAVED);
    this.save(here, 0);
    return () => this.goTo(here, 0);
  }

  /** What the event is, once it is known where it stands. */
  become(format: EventFormat, event: EventName, clock: Clock, record: number): void {
    this.event = event;
    if (this.#format !== format) {
      this.#format = format;
      this.#parsed = format.parsed;
    }
    if (this.#clock !== clock) this.#clock = clock;
    this.record = record;
  }

  get cpu(): number {
    return this.#at.cpu;
  }

  get pid(): number {
    const field = this.#parsed.pidField;
    return field === undefined ? -1 : readWord(this.#at, field.offset, field.size) | 0;
  }

  get comm(): string {
    const pid = this.pid;
    return pid === 0 ? '<idle>' : (this.#tables.comms.get(pid) ?? '<...>');
  }

  get flags(): string {
    const { flagsField, preemptField } = this.#parsed;
    if (flagsField === undefined || preemptField === undefined) return '';
    return latencyColumns(
      readWord(this.#at, flagsField.offset, flagsField.size),
      readWord(this.#at, preemptField.offset, preemptField.size),
    );
  }

  flagAt(column: number): number {
    const { flagsField, preemptField } = this.#parsed;
    if (column === 2 && flagsField !== undefined && preemptField !== undefined) {
      return contextColumn(readWord(this.#at, flagsField.offset, flagsField.size));
    }
    return this.flags.charCodeAt(column);
  }

  place(file: string | undefined): Place {
    return new Place(file, this.record, this.#at.cpu, this.#at.time, this.#clock);
  }

  get timestamp(): string {
    return this.#clock.text(this.#at.time);
  }

  /** Nanoseconds (or ticks) since the recording's clock started. */
  get nanoseconds(): bigint {
    return this.#clock.absolute(this.#at.time);
  }

  /** Name of the ring buffer; empty for the top one. */
  get bufferName(): string {
    return this.#at.bufferName;
  }

  /** Event group, for example `xfs`. */
  get system(): string {
    return this.#format.system;
  }

  /** The event's name in the file; `name` differs from it for markers. */
  get eventName(): string {
    return this.#format.name;
  }

  get name(): string {
    const { name } = this.#format;
    return name === 'print' && this.isMarker ? markerFunction : name;
  }

  get stack(): readonly string[] | undefined {
    if (this.#format.name !== 'kernel_stack') return undefined;
    const field = this.#format.fields.get('caller');
    if (field === undefined) return [];
    const { offset } = dataRange(this.#at, field);
    const step = this.#tables.longSize;
    const functions: string[] = [];
    // `size` counts the callers; the array in the format has a fixed length that the event doesn't keep to.
    const sizeField = this.#format.fields.get('size');
    const count = sizeField === undefined ? 256 : readWord(this.#at, sizeField.offset, sizeField.size);
    for (let index = 0; index < Math.min(count, 1024); index += 1) {
      const at = offset + index * step;
      if (at + step > this.#at.size) break;
      const high = step === 8 ? readHigh(this.#at, at) : 0;
      const low = step === 8 ? readLow(this.#at, at) : readWord(this.#at, at, 4);
      if ((high === 0xffff_ffff || step === 4) && low === 0xffff_ffff) break;
      const name = this.#tables.symbols().nameAt(high, low);
      functions.push(name === undefined ? `0x${readBig(this.#at, at, step).toString(16)}` : symbolName(name));
    }
    return functions;
  }

  word(field: FieldName): Word | undefined {
    return this.#print().fieldWord(field, this.#at);
  }

  token(field: FieldName, tokens: Tokens): number {
    return this.#print().fieldToken(field, this.#at, tokens);
  }

  number(field: FieldName): number | undefined {
    return this.#print().fieldNumberOf(field, this.#at);
  }

  getText(field: string): string | undefined {
    return this.#print().fieldText(field, this.#at);
  }

  getNumber(field: string): number | undefined {
    return this.#print().fieldNumber(field, this.#at);
  }

  getBigInt(field: string): bigint | undefined {
    return this.#print().fieldBigInt(field, this.#at);
  }

  getSymbol(field: string): string | undefined {
    const name = this.#print().fieldSymbol(field, this.#at);
    return name === undefined ? undefined : symbolName(name);
  }

  format(): string {
    const { name } = this.#format;
    if (name === 'kernel_stack') return `<stack trace>${(this.stack ?? []).map((line) => `\n => ${line}`).join('')}`;
    if (name === 'print' && this.isMarker) {
      const field = this.#format.fields.get('buf');
      if (field !== undefined) {
        const { offset, length } = dataRange(this.#at, field);
        return readText(this.#at, offset, length).replace(/\n$/, '');
      }
    }
    return this.reportText().replace(/\n$/, '');
  }

  /** What `trace-cmd report -N` prints behind the event's own name. */
  reportText(): string {
    if (this.#format.name === 'bprint') return bprintText(this.#at, this.#format, this.#tables);
    return this.#print().text(this.#at);
  }

  #print(): EventPrinter {
    const format = this.#format;
    format.printer ??= new EventPrinter(format, this.#tables);
    return format.printer;
  }

  /** A `print` comes from user space unless its caller is known to be another function. */
  get isMarker(): boolean {
    const field = this.#format.fields.get('ip');
    if (field === undefined || field.size !== 8) return true;
    const caller = this.#tables.symbols().nameAt(readHigh(this.#at, field.offset), readLow(this.#at, field.offset));
    return caller === undefined || caller === markerFunction;
  }
}
