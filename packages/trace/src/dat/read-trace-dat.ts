import { EventName } from '../event-name.ts';
import type { RecordSink } from '../record.ts';
import { Clock } from './clock.ts';
import { CpuReader, Epoch } from './cpu-reader.ts';
import { DatRecord, type RecordTables } from './dat-record.ts';
import { TraceDatError } from './error.ts';
import { type EventFormat, EventFormats } from './event-format.ts';
import { readLayout } from './header.ts';
import type { BufferLayout, TraceDatLayout } from './layout.ts';
import { compressedBlocks, plainBlocks, type ReportLoss, readBytesFor } from './page-blocks.ts';
import { parsePageFormat } from './page-format.ts';
import { type ByteSource, openSource } from './source.ts';
import { Symbols } from './symbols.ts';
import { parseCmdlines, parsePrintk } from './tables.ts';

/** How a trace.dat is read. */
export interface ReadTraceDatOptions {
  /**
   * Which events are handed on, asked once for each event name; the others are counted, not decoded. All when absent.
   */
  readonly wants?: (name: string) => boolean;
  /** The largest file a gzipped recording may unpack to, in bytes. */
  readonly maxUnpackedBytes?: number;
}

/** What a recording was, and how much of it could be read. */
export interface TraceDatSummary {
  readonly version: 6 | 7;
  readonly compression: string;
  readonly littleEndian: boolean;
  readonly longSize: 4 | 8;
  readonly clock: string | undefined;
  /** `uname -a` of the recorded machine, when the file has it. */
  readonly uname: string | undefined;
  /** Names of the ring buffers; the top one is empty. */
  readonly buffers: readonly string[];
  /** Events in the file, wanted or not. */
  readonly records: number;
  /** Places at which the recorder dropped events. */
  readonly lost: number;
  /** The file ends before it should. */
  readonly cut: boolean;
  /** Pieces that could not be read; each was handed to the sink. */
  readonly unreadable: number;
}

/**
 * Streams the events of a trace.dat of version 6 or 7, plain or gzipped whole, merged by time, into a sink. The record
 * handed on is one object that moves: copy what you keep. Memory does not grow with the recording.
 * @throws TraceDatError `TRACE_DAT_EMPTY`, `_MAGIC`, `_VERSION`, `_TRUNCATED`, `_COMPRESSION`, `_FORMAT`, `_IO`, when the
 * file cannot be used at all. Damage behind the file's head is handed to the sink and counted instead.
 */
export async function readTraceDat(
  path: string,
  sink: RecordSink,
  options: ReadTraceDatOptions = {},
): Promise<TraceDatSummary> {
  const source = await openSource(path, options.maxUnpackedBytes);
  try {
    return readSource(source, sink, options);
  } finally {
    source.close();
  }
}

function readSource(source: ByteSource, sink: RecordSink, options: ReadTraceDatOptions): TraceDatSummary {
  const layout = readLayout(source);
  // System, host, release, machine.
  const release = layout.options.uname?.split(' ')[2];
  if (release !== undefined) sink.release?.(release);
  const merge = new Merge(source, layout, sink, options);
  for (const problem of layout.problems) merge.unreadable(problem);
  merge.run();
  if (source.cut !== undefined) merge.unreadable(source.cut);
  if (merge.records === 0 && merge.unreadablePieces === 0) {
    throw new TraceDatError('TRACE_DAT_EMPTY', 0, 'the recording has no event: was tracing on while the command ran?');
  }
  const { clock, uname } = layout.options;
  return {
    version: layout.version,
    compression: layout.compression,
    littleEndian: layout.littleEndian,
    longSize: layout.longSize,
    clock: layout.buffers[0]?.clock ?? clock,
    uname,
    buffers: layout.buffers.map((buffer) => buffer.name),
    records: merge.records,
    lost: merge.lost,
    cut: layout.cut === true || source.cut !== undefined,
    unreadable: merge.unreadablePieces,
  };
}

/** What is known of an event number: its format, or why there is none. */
type Known =
  | {
      readonly format: EventFormat;
      readonly event: EventName;
      /** Some events of this number may have another name: markers and what the kernel prints are one kind. */
      readonly other: EventName | undefined;
      readonly least: number;
      readonly most: number;
    }
  | undefined;

class Merge {
  records = 0;
  lost = 0;
  unreadablePieces = 0;
  readonly #layout: TraceDatLayout;
  readonly #sink: RecordSink;
  readonly #wants: ((name: string) => boolean) | undefined;
  readonly #formats: EventFormats;
  readonly #known: Known[] = [];
  readonly #tables: RecordTables;
  readonly #readers: CpuReader[] = [];
  readonly #clocks: Clock[] = [];
  readonly #typeOffset: number;
  readonly #typeSize: number;
  #record: DatRecord | undefined;

  constructor(source: ByteSource, layout: TraceDatLayout, sink: RecordSink, options: ReadTraceDatOptions) {
    this.#layout = layout;
    this.#sink = sink;
    this.#wants = options.wants;
    this.#formats = new EventFormats(layout.formats);
    const { typeField } = this.#formats;
    if (typeField === undefined || (typeField.size !== 2 && typeField.size !== 4)) {
      throw new TraceDatError('TRACE_DAT_FORMAT', 0, 'no event format in the file has a common_type: it is damaged');
    }
    this.#typeOffset = typeField.offset;
    this.#typeSize = typeField.size;
    const printk = parsePrintk(layout.printk);
    let symbols: Symbols | undefined;
    this.#tables = {
      comms: parseCmdlines(layout.cmdlines),
      longSize: layout.longSize,
      symbols: () => {
        symbols ??= this.#openSymbols();
        return symbols;
      },
      printk: (address) => printk.get(address),
      readers: this.#readers,
      become: (record, type, order, number) => {
        const known = this.#known[type];
        if (known === undefined) throw new Error(`a record was saved at an event ${type} that is not known`);
        record.become(known.format, known.event, this.#clocks[order] as Clock, number);
        if (known.other !== undefined && !record.isMarker) record.event = known.other;
      },
    };
    const epoch = new Epoch();
    for (const buffer of layout.buffers) this.#addBuffer(source, buffer, epoch);
  }

  #addBuffer(source: ByteSource, buffer: BufferLayout, epoch: Epoch): void {
    const layout = this.#layout;
    const pageFormat = parsePageFormat(layout.headerPage, layout.longSize, buffer.pageSize);
    const clock = new Clock(epoch, layout.options, buffer.clock ?? layout.options.clock);
    const readBytes = readBytesFor(layout.buffers.reduce((sum, { cpus }) => sum + cpus.length, 0));
    for (const cpu of buffer.cpus) {
      const lost: ReportLoss = (reason) => this.unreadable(reason);
      const blocks = buffer.compressed
        ? compressedBlocks(source, cpu, buffer.pageSize, layout.compression, layout.littleEndian, readBytes, lost)
        : plainBlocks(source, cpu, buffer.pageSize, readBytes, lost);
      const place = {
        cpu: cpu.cpu,
        order: this.#readers.length,
        bufferName: buffer.name,
        littleEndian: layout.littleEndian,
      };
      this.#readers.push(
        new CpuReader(place, blocks, buffer.pageSize, pageFormat, epoch, lost, () => this.#sink.forgetting?.()),
      );
      this.#clocks.push(clock);
    }
  }

  /** A damaged symbol table costs the names, not the events. */
  #openSymbols(): Symbols {
    try {
      const symbols = new Symbols(this.#layout.kallsyms());
      if (symbols.damagedAt >= 0) {
        this.unreadable(`the symbol table is damaged at its byte ${symbols.damagedAt}: names behind it are missing`);
      }
      return symbols;
    } catch (error) {
      if (!(error instanceof TraceDatError)) throw error;
      this.unreadable(`the symbol table is lost, addresses stay numbers: ${error.message}`);
      return new Symbols(new Uint8Array(0));
    }
  }

  unreadable(reason: string): void {
    this.unreadablePieces += 1;
    this.#sink.unreadable({ record: this.records, reason });
  }

  /** Always the earliest event of all CPUs; on equal times that of the first buffer's lowest CPU. */
  run(): void {
    const active = this.#readers.filter((reader) => reader.next());
    while (active.length > 0) {
      let best = 0;
      for (let index = 1; index < active.length; index += 1) {
        if (isBefore(active[index] as CpuReader, active[best] as CpuReader)) best = index;
      }
      const reader = active[best] as CpuReader;
      // Events of one CPU come in runs: go on with it until another one is due.
      let rival: CpuReader | undefined;
      for (let index = 0; index < active.length; index += 1) {
        const other = active[index] as CpuReader;
        if (index !== best && (rival === undefined || isBefore(other, rival))) rival = other;
      }
      if (!this.#drain(reader, rival)) active.splice(best, 1);
    }
  }

  /** Hands on a reader's events up to the rival's next one; false when it has no more. */
  #drain(reader: CpuReader, rival: CpuReader | undefined): boolean {
    const clock = this.#clocks[reader.order] as Clock;
    const limit = rival === undefined ? Number.POSITIVE_INFINITY : rival.time;
    const winsTies = rival === undefined || reader.order < rival.order;
    do {
      this.#handOn(reader, clock);
      if (!reader.next()) return false;
    } while (reader.time < limit || (winsTies && reader.time === limit));
    return true;
  }

  #handOn(reader: CpuReader, clock: Clock): void {
    const record = this.records;
    this.records = record + 1;
    if (reader.missed !== 0) this.#reportMissed(reader, record);
    const type = this.#typeOf(reader);
    const known = type < this.#known.length ? (this.#known[type] ?? this.#learn(type)) : this.#learn(type);
    if (known === undefined) {
      this.unreadablePieces += 1;
      this.#sink.unreadable({ record, reason: `CPU ${reader.cpu}: event ${type} has no format in the file` });
      return;
    }
    if (reader.size < known.least || reader.size > known.most) {
      this.unreadablePieces += 1;
      const reason =
        `CPU ${reader.cpu}: an event ${known.format.name} has ${reader.size} bytes, which its format does not allow: ` +
        'it is damaged, and events behind it may be hidden in it';
      this.#sink.unreadable({ record, reason });
      return;
    }
    const { event, other } = known;
    if (!event.wanted) return;
    let moving = this.#record;
    if (moving === undefined) {
      moving = new DatRecord(reader, known.format, event, clock, this.#tables);
      this.#record = moving;
    }
    moving.moveTo(reader, known.format, event, clock, record);
    if (other !== undefined && !moving.isMarker) moving.event = other;
    this.#sink.record(moving);
  }

  #typeOf(reader: CpuReader): number {
    const at = this.#typeOffset;
    if (at + this.#typeSize > reader.size) return -1;
    if (this.#typeSize === 2) return reader.view.getUint16(reader.start + at, reader.littleEndian);
    return reader.view.getUint32(reader.start + at, reader.littleEndian);
  }

  #learn(type: number): Known {
    const format = this.#formats.byId(type);
    if (format === undefined) return undefined;
    const printed = format.name === 'print';
    const name = printed ? 'tracing_mark_write' : format.name;
    const { least, most } = format.parsed;
    const event = new EventName(name, this.#wants?.(name) ?? true);
    const known = { format, event, other: printed ? new EventName(format.name, true) : undefined, least, most };
    while (this.#known.length <= type) this.#known.push(undefined);
    this.#known[type] = known;
    return known;
  }

  #reportMissed(reader: CpuReader, record: number): void {
    const { missed } = reader;
    reader.missed = 0;
    this.lost += 1;
    this.#sink.lost({ cpu: reader.cpu, record, ...(missed > 0 ? { count: missed } : {}) });
  }
}

function isBefore(a: CpuReader, b: CpuReader): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
