import type { FaultpathEvent } from '@faultpath/lockdep';
import { endOf } from '../jsonl/event-file-end.ts';
import { factsOfFault } from '../jsonl/fault-facts.ts';
import { EVENT_FILE_SCHEMA } from '../jsonl/read-events.ts';
import { type ReadOptions, type ReadSummary, readTrace } from '../read.ts';
import type { TraceSource } from '../text/source.ts';

/** Takes a piece of the output; pieces are some kilobytes. */
export type Write = (text: string) => void;

const PIECE = 64 * 1024;

/** Collects small texts into pieces. */
export class PieceWriter {
  private pieces: string[] = [];
  private size = 0;
  private readonly write: Write;

  constructor(write: Write) {
    this.write = write;
  }

  add(text: string): void {
    this.pieces.push(text);
    this.size += text.length;
    if (this.size >= PIECE) this.flush();
  }

  flush(): void {
    if (this.size > 0) this.write(this.pieces.join(''));
    this.pieces = [];
    this.size = 0;
  }
}

/**
 * Writes a recording as our own events: a header line, one event a line, what is known of each fault beside its events,
 * and an end (`schema/events-2.json`). `readTrace` reads it back, and then tells of the same faults and findings. The end
 * says how many events there are, and what only all of them tell.
 * @throws TraceError as `readTrace`
 */
export async function writeEvents(source: TraceSource, options: ReadOptions, write: Write): Promise<ReadSummary> {
  const out = new PieceWriter(write);
  const header = {
    schema: EVENT_FILE_SCHEMA,
    ...(typeof source === 'string' ? { file: source } : {}),
    ...(options.kernel === undefined ? {} : { kernel: options.kernel }),
    end: true,
  };
  out.add(`${JSON.stringify(header)}\n`);
  let events = 0;
  const summary = await readTrace(source, options, {
    event(event: FaultpathEvent) {
      events += 1;
      out.add(`${JSON.stringify(event)}\n`);
    },
    fault(fault) {
      out.add(`${JSON.stringify(factsOfFault(fault))}\n`);
    },
  });
  out.add(`${JSON.stringify(endOf(summary, events))}\n`);
  out.flush();
  return summary;
}
