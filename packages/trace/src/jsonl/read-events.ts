import type { Classifier } from '../classify/classifier.ts';
import { TraceError } from '../error.ts';
import type { ReadSink } from '../read.ts';
import { FaultAssembler } from './assemble-faults.ts';
import { isEvent } from './is-event.ts';

/** First line of a file of our own events. */
export const EVENT_FILE_SCHEMA = 'faultpath/events/1';

const MAX_LINE = 1024 * 1024;

export function isEventFile(chunk: Buffer): boolean {
  return /^\s*\{\s*"schema"\s*:\s*"faultpath\/events\//.test(chunk.toString('latin1', 0, 200));
}

/** Reads our own events back: a header line, then one event a line. */
export class EventFileScanner {
  readonly counts = { lines: 0, records: 0 };
  truncated = false;

  /** The header says that an end stands behind the events. */
  private endDue = false;
  private ended = false;
  private rest = '';
  private skipping = false;
  private readonly to: Classifier;
  private readonly sink: ReadSink;
  private readonly name: string;
  private readonly faults: FaultAssembler;

  constructor(to: Classifier, sink: ReadSink, name: string) {
    this.to = to;
    this.sink = sink;
    this.name = name;
    this.faults = new FaultAssembler(to.vocabulary.filesystems, (fault) => sink.fault?.(fault));
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
    this.faults.end();
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
      if (schema !== EVENT_FILE_SCHEMA) {
        throw new TraceError(
          'TRACE_NOT_A_TRACE',
          `${this.name} has schema ${String(schema)}; this version reads ${EVENT_FILE_SCHEMA}`,
        );
      }
      if (typeof kernel === 'string') this.to.release(kernel);
      this.endDue = end === true;
      return;
    }
    if (this.endDue && isEnd(value)) {
      this.finish(value);
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
    this.faults.event(value);
  }

  private finish({ events, kernel }: End): void {
    this.ended = true;
    if (kernel !== undefined) this.to.release(kernel);
    const { records, lines } = this.counts;
    if (events === records) return;
    this.to.unreadable({ line: lines, reason: `the end promises ${events} events, ${records} are there` });
  }
}

interface End {
  readonly events: number;
  readonly kernel?: string;
}

function isEnd(value: unknown): value is End {
  const { type, events, kernel } = (value ?? {}) as { type?: unknown; events?: unknown; kernel?: unknown };
  return type === 'end' && typeof events === 'number' && (kernel === undefined || typeof kernel === 'string');
}
