import type { Classifier } from '../classify/classifier.ts';
import type { TraceFault } from '../classify/fault-record.ts';
import { TraceError } from '../error.ts';
import type { ReadSink } from '../read.ts';
import { FaultAssembler } from './assemble-faults.ts';
import { type EventFileEnd, isEnd, restore } from './event-file-end.ts';
import { FaultJoiner } from './fault-facts.ts';
import { isEvent, isFaultFacts } from './is-event.ts';

/** Schema of the event files that are written, as their first line names it. */
export const EVENT_FILE_SCHEMA = 'faultpath/events/2';

/** Files of this one tell of faults by their events only: not of their addresses, inodes and reclaim. */
const FIRST_SCHEMA = 'faultpath/events/1';

const MAX_LINE = 1024 * 1024;

export function isEventFile(chunk: Buffer): boolean {
  return /^\s*\{\s*"schema"\s*:\s*"faultpath\/events\//.test(chunk.toString('latin1', 0, 200));
}

/** Reads our own events back: a header line, then one event a line. */
export class EventFileScanner {
  readonly counts = { lines: 0, records: 0 };
  truncated = false;
  /** Pieces of the recording that could not be read when it was converted. */
  unreadableBefore = 0;

  /** The header says that an end stands behind the events. */
  private endDue = false;
  private ended = false;
  private rest = '';
  private skipping = false;
  private readonly to: Classifier;
  private readonly sink: ReadSink;
  private readonly name: string;
  private readonly assembler: FaultAssembler;
  private readonly joiner: FaultJoiner;
  private first = false;

  constructor(to: Classifier, sink: ReadSink, name: string) {
    this.to = to;
    this.sink = sink;
    this.name = name;
    const deliver = (fault: TraceFault): void => {
      if (to.wantsFault(fault.fs)) sink.fault?.(fault);
    };
    this.assembler = new FaultAssembler(to.vocabulary.filesystems, deliver);
    this.joiner = new FaultJoiner(deliver);
  }

  feed(bytes: Buffer): void {
    const text = this.rest + bytes.toString('latin1');
    const last = text.lastIndexOf('\n');
    this.rest = text.slice(last + 1);
    if (last !== -1) for (const line of text.slice(0, last).split('\n')) this.line(line);
    if (this.rest.length > MAX_LINE) {
      if (!this.skipping) {
        this.to.unreadable({ line: this.counts.lines + 1, reason: `line longer than ${MAX_LINE} bytes` });
      }
      this.rest = '';
      this.skipping = true;
    }
  }

  end(): void {
    if (this.rest !== '') {
      this.truncated = true;
      this.line(this.rest);
      this.rest = '';
    }
    if (this.endDue && !this.ended) this.truncated = true;
    if (this.first) this.assembler.end();
    else this.joiner.end();
  }

  private line(latin: string): void {
    this.counts.lines += 1;
    if (this.skipping) {
      this.skipping = false;
      return;
    }
    const line = this.counts.lines;
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(latin, 'latin1').toString('utf8'));
    } catch {
      this.to.unreadable({ line, reason: 'no JSON' });
      return;
    }
    if (line === 1) {
      const { schema, kernel, end } = (value ?? {}) as { schema?: unknown; kernel?: unknown; end?: unknown };
      if (schema !== EVENT_FILE_SCHEMA && schema !== FIRST_SCHEMA) {
        throw new TraceError(
          'TRACE_NOT_A_TRACE',
          `${this.name} has schema ${String(schema)}; this version reads ${FIRST_SCHEMA} and ${EVENT_FILE_SCHEMA}`,
        );
      }
      this.first = schema === FIRST_SCHEMA;
      if (typeof kernel === 'string') this.to.release(kernel);
      this.endDue = end === true;
      return;
    }
    if (this.endDue && isEnd(value)) {
      this.finish(value);
      return;
    }
    if (!this.first && isFaultFacts(value)) {
      this.joiner.facts(value);
      return;
    }
    if (!isEvent(value)) {
      this.to.unreadable({ line, reason: 'no event' });
      return;
    }
    this.counts.records += 1;
    this.to.counts.records += 1;
    this.to.counts.events += 1;
    this.sink.event?.(value);
    if (this.first) this.assembler.event(value);
    else this.joiner.event(value);
  }

  private finish(end: EventFileEnd): void {
    this.ended = true;
    const { records, lines } = this.counts;
    restore(this.to, end, lines);
    this.unreadableBefore = end.unreadable ?? 0;
    if (end.truncated === true) this.truncated = true;
    if (end.events === records) return;
    this.to.unreadable({ line: lines, reason: `the end promises ${end.events} events, ${records} are there` });
  }
}
