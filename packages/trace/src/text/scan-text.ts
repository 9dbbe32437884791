import type { RecordSink } from '../record.ts';
import { TextChunk } from './chunk.ts';
import { LineColumns } from './line-columns.ts';
import { LineEnds } from './line-end.ts';
import { NameTable } from './name-table.ts';
import { parseAligned, parseGraph, parseLoose } from './parse-line.ts';
import { type SavedChunks, TextRecord } from './text-record.ts';

/** No recorder writes longer lines; whatever is longer is no line, and must not fill memory. */
export const MAX_LINE = 64 * 1024;

/** A backtrace has at most this many entries in the kernel; more means that something else follows. */
const MAX_STACK = 512;

/** bpftrace says so when it could not keep up, and not on which CPU. */
const BPFTRACE_LOST = /^Lost (\d+) events$/;
const LOST = /^CPU:(\d+) \[(?:LOST )?(?:(\d+) )?EVENTS(?: DROPPED)?\]/;
const BUFFER = /^# entries-in-buffer\/entries-written: (\d+)\/(\d+)/;
/** As the recording script and `perf script --header` write it. */
const RELEASE = /^# (?:kernel|os release :) (\S+)/;
/** `perf script -g` prints a backtrace under its event: address, function, and where that is from. */
const PERF_STACK = /^\s+[0-9a-f]{8,16} \S.* \(.+\)\s*$/;
const GRAPH_SWITCH = /^\s*(\d+)\)\s+.{1,32}?-(\d+)\s+=>\s+.{1,32}?-(\d+)\s*$/;
const STACK_FUNCTION = /^(?:[0-9a-f]{8,16}\s+)?([^\s+]+)/;

/** So many chunks are kept, so that their lines can be come back to. */
const MAX_CHUNKS = 6;

/** What the scanner has seen, in numbers. */
export interface TextCounts {
  lines: number;
  records: number;
}

/**
 * Reads ftrace text chunk by chunk: `trace`, `trace_pipe`, `trace-cmd report` and `perf script`. Constant memory: no
 * more than a chunk and an unfinished line are held. Every line ends as a record, a header, or `unreadable`.
 */
export class TextScanner implements SavedChunks {
  readonly counts: TextCounts = { lines: 0, records: 0 };
  /** The last line had no newline; its text was still read as far as possible. */
  truncated = false;
  readonly unreadableBefore = 0;

  /** Their texts: the bytes are no longer there. */
  private readonly chunks: string[] = [];
  private firstChunk = 0;
  private readonly record: TextRecord;
  private readonly names: NameTable;
  private readonly columns = new LineColumns();
  /** Of lines that are come back to. */
  private readonly columnsAgain = new LineColumns();
  private readonly graphTask = new Map<number, number>();
  private rest: Buffer[] = [];
  private restSize = 0;
  private skipping = false;
  /** How many events the head says there are; 0 where it does not say. */
  private promised = 0;
  private stack: string[] | undefined;
  private stackIsUser = false;

  private readonly sink: RecordSink;

  constructor(sink: RecordSink) {
    this.sink = sink;
    this.record = new TextRecord(this);
    this.names = new NameTable((name) => sink.wants?.(name) ?? true);
  }

  get newest(): number {
    return this.firstChunk + this.chunks.length - 1;
  }

  readAgain(record: TextRecord, number: number, start: number, end: number): void {
    const text = this.chunks[number - this.firstChunk];
    if (text === undefined) throw new Error(`chunk ${number} is not kept any more`);
    const chunk = new TextChunk(Buffer.from(text.slice(start, end + 1), 'latin1'));
    record.chunk = chunk;
    const length = end - start;
    const columns = this.columnsAgain;
    const info = columns.nameOf(chunk, 0, length, this.names);
    if (info !== undefined && columns.read(chunk, 0, length, info, record)) return;
    if (parseAligned(chunk.text, 0, length, record, this.names)) columns.learn(chunk.text, 0, record);
  }

  private keepChunk(chunk: string): void {
    if (this.chunks.length >= MAX_CHUNKS) {
      this.sink.forgetting?.();
      this.firstChunk += this.chunks.length;
      this.chunks.length = 0;
    }
    this.chunks.push(chunk);
  }

  feed(bytes: Buffer): void {
    const last = bytes.lastIndexOf(10);
    if (last === -1) {
      this.keep(bytes);
      return;
    }
    let from = 0;
    if (this.restSize > 0) {
      // The line that began before; what stands behind it need not be moved to it.
      from = bytes.indexOf(10) + 1;
      const line = Buffer.concat([...this.rest, bytes.subarray(0, from)]);
      this.rest = [];
      this.restSize = 0;
      this.scan(line, 0, line.length);
    }
    if (from <= last) this.scan(bytes, from, last + 1);
    if (last + 1 < bytes.length) this.keep(bytes.subarray(last + 1));
  }

  end(): void {
    if (this.restSize > 0) {
      this.truncated = true;
      const bytes = Buffer.concat(this.rest);
      this.rest = [];
      this.restSize = 0;
      const whole = Buffer.concat([bytes, NEWLINE]);
      this.scan(whole, 0, whole.length);
    }
    this.closeStack();
    const { promised } = this;
    const { records, lines } = this.counts;
    if (!this.truncated && records < promised) {
      const reason = `the head promises ${promised} events, ${promised - records} of them are not there`;
      this.sink.unreadable({ line: lines, reason });
    }
  }

  private keep(bytes: Buffer): void {
    // A copy: the rest is small, and the buffer it is cut from is not.
    this.rest.push(Buffer.from(bytes));
    this.restSize += bytes.length;
    if (this.restSize > MAX_LINE) {
      if (!this.skipping) {
        this.sink.unreadable({ line: this.counts.lines + 1, reason: `line longer than ${MAX_LINE} bytes` });
      }
      this.skipping = true;
      this.rest = [Buffer.from(' ')];
      this.restSize = 1;
    }
  }

  /** Whole lines, from `from` to `to`. */
  private scan(bytes: Buffer, from: number, to: number): void {
    const { record, sink, counts } = this;
    const chunk = new TextChunk(bytes);
    const ends = new LineEnds(chunk);
    // Looked for in all of it at once, which is far faster than in each line.
    const damaged = bytes.subarray(from, to).includes(0);
    this.keepChunk(chunk.text);
    // A backtrace that is not over yet is of a record in the chunk before.
    if (this.stack === undefined) record.chunk = chunk;
    for (let start = from; start < to; ) {
      const end = ends.of(start);
      counts.lines += 1;
      if (this.skipping) {
        this.skipping = false;
      } else if (damaged && bytes.subarray(start, end).includes(0)) {
        // Whole pages of a file may be zero after a crash, with the ends of lines in them.
        this.closeStack();
        record.chunk = chunk;
        sink.unreadable({ line: counts.lines, reason: 'zero bytes where text should be' });
      } else if (end - start > MAX_LINE) {
        sink.unreadable({ line: counts.lines, reason: `line longer than ${MAX_LINE} bytes` });
      } else if (this.stack !== undefined) {
        this.other(chunk, start, end);
      } else {
        if (ends.hasSecond(start, end)) {
          sink.unreadable({ line: counts.lines, reason: 'a second event in the line: the end of a line is damaged' });
        }
        this.line(chunk, start, end);
      }
      start = end + 1;
    }
  }

  /** A line that is no part of a backtrace. */
  private line(chunk: TextChunk, start: number, end: number): void {
    const { record, names, sink, counts, columns } = this;
    const info = columns.nameOf(chunk, start, end, names);
    if (info !== undefined && !info.wanted) {
      counts.records += 1;
      sink.skipped?.();
    } else if (info !== undefined && columns.read(chunk, start, end, info, record)) {
      record.line = counts.lines;
      record.lineStart = start;
      record.lineEnd = end;
      record.savable = true;
      counts.records += 1;
      if (info.stack === 'none') sink.record(record);
      else this.openStack(info.stack === 'user');
    } else if (parseAligned(chunk.text, start, end, record, names)) {
      columns.learn(chunk.text, start, record);
      record.lineStart = start;
      record.lineEnd = end;
      this.emit(true);
    } else {
      this.other(chunk, start, end);
    }
  }

  /** Everything but an aligned event line. */
  private other(lines: TextChunk, start: number, end: number): void {
    const { record, counts, sink } = this;
    const chunk = lines.text;
    let stop = end;
    if (stop > start && chunk.charCodeAt(stop - 1) === 13) stop -= 1;
    if (this.stack !== undefined) {
      if (this.stackLine(chunk, start, stop)) return;
      this.closeStack();
      record.chunk = lines;
      if (parseAligned(chunk, start, stop, record, this.names)) {
        this.emit();
        return;
      }
    }
    let first = start;
    while (first < stop && (chunk.charCodeAt(first) === 32 || chunk.charCodeAt(first) === 9)) first += 1;
    if (first === stop) return;
    if (isHeader(chunk, first, stop)) {
      this.header(chunk.slice(first, Math.min(stop, first + 100)));
      return;
    }
    if (first > start && PERF_STACK.test(chunk.slice(start, Math.min(stop, start + 300)))) {
      this.openStack(false);
      this.stackLine(chunk, start, stop);
      return;
    }
    if (chunk.startsWith('CPU:', first)) {
      const lost = LOST.exec(chunk.slice(first, Math.min(stop, first + 80)));
      if (lost !== null) {
        const count = lost[2] === undefined ? undefined : Number(lost[2]);
        sink.lost({ cpu: Number(lost[1]), line: counts.lines, ...(count === undefined ? {} : { count }) });
        return;
      }
    }
    if (chunk.startsWith('Lost ', first)) {
      const lost = BPFTRACE_LOST.exec(chunk.slice(first, Math.min(stop, first + 40)));
      if (lost !== null) {
        sink.lost({ line: counts.lines, count: Number(lost[1]) });
        return;
      }
    }
    const graph = parseGraph(chunk, start, stop, record, this.names, (cpu) => this.graphTask.get(cpu));
    if (graph === 'read') {
      this.emit();
      return;
    }
    if (graph === 'no-task') {
      sink.unreadable({
        line: counts.lines,
        reason: 'function_graph line without its task (set option funcgraph-proc)',
      });
      return;
    }
    const swap = GRAPH_SWITCH.exec(chunk.slice(start, Math.min(stop, start + 160)));
    if (swap !== null) {
      this.graphTask.set(Number(swap[1]), Number(swap[3]));
      return;
    }
    if (parseLoose(chunk, start, stop, record, this.names)) {
      this.emit();
      return;
    }
    sink.unreadable({ line: counts.lines, reason: 'no event line' });
  }

  /** The head of `trace` says how many events a full buffer has overwritten, the oldest, and perhaps the release. */
  private header(header: string): void {
    const release = RELEASE.exec(header)?.[1];
    if (release !== undefined) this.sink.release?.(release);
    const match = BUFFER.exec(header);
    if (match !== null) this.promised += Number(match[1]);
    const count = match === null ? 0 : Number(match[2]) - Number(match[1]);
    if (count > 0) this.sink.lost({ line: this.counts.lines, count });
  }

  private emit(savable = false): void {
    const { record, counts } = this;
    record.savable = savable;
    record.line = counts.lines;
    counts.records += 1;
    const { stack } = record.event;
    if (stack !== 'none') this.openStack(stack === 'user');
    else {
      this.sink.record(record);
    }
  }

  private openStack(user: boolean): void {
    this.stack = [];
    this.stackIsUser = user;
  }

  private stackLine(chunk: string, start: number, stop: number): boolean {
    let first = start;
    while (first < stop && chunk.charCodeAt(first) === 32) first += 1;
    const arrow = chunk.startsWith('=> ', first);
    const text = chunk.slice(arrow ? first + 3 : start, Math.min(stop, first + 300));
    if (this.stack === undefined || !(arrow || PERF_STACK.test(text))) return false;
    const match = STACK_FUNCTION.exec(text.trimStart());
    if (match?.[1] !== undefined && this.stack.length < MAX_STACK) this.stack.push(match[1]);
    return true;
  }

  /** A backtrace ends with the first line that isn't one, so it is sent then; its task is still in the record. */
  private closeStack(): void {
    const { stack, record } = this;
    if (stack === undefined) return;
    this.stack = undefined;
    if (this.stackIsUser) return;
    record.stack = stack;
    record.savable = false;
    record.event = this.names.kernelStack;
    this.sink.record(record);
    delete record.stack;
  }
}

const NEWLINE = /* @__PURE__ */ Buffer.from('\n');
/** Lines that recorders print beside the events. */
function isHeader(chunk: string, first: number, stop: number): boolean {
  if (chunk.charCodeAt(first) === 35) return true;
  if (stop - first > 80) return false;
  const text = chunk.slice(first, stop);
  return (
    /^(cpus=\d+|version = \d+|CPU \d+ is empty|-{3,}$|CPU:\d+ buffer|>+ CPU \d+ buffer started >*|#{2,}.*buffer started.*)/.test(
      text,
    ) || /^#+ CPU \d+ buffer started #+$/.test(text)
  );
}
