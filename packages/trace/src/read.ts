import type { TraceVocabulary } from '@faultpath/lockdep';
import { Classifier } from './classify/classifier.ts';
import type { ClassifierCounts, ClassifierSink } from './classify/classifier-sink.ts';
import type { KernelGuess } from './classify/kernel-guess.ts';
import { plainEvent } from './classify/views.ts';
import { isTraceDat, readTraceDat, TraceDatError } from './dat/index.ts';
import { TraceError } from './error.ts';
import { EventFileScanner, isEventFile } from './jsonl/read-events.ts';
import type { UnreadablePiece } from './record.ts';
import { spool } from './spool.ts';
import { TextScanner } from './text/scan-text.ts';
import { openSource, sourceName, type TraceSource } from './text/source.ts';
import { coreTraceVocabulary } from './vocabulary/core.ts';

/** How a recording is read. */
export interface ReadOptions {
  /** The filesystems' vocabularies; the core's is always there. */
  readonly vocabularies: readonly TraceVocabulary[];
  /** Release of the recorded kernel, such as `6.1`; guessed from the events when absent. */
  readonly kernel?: string;
  /** A recording that ends in the middle of a line is read anyway; without this it is an error. */
  readonly allowTruncated?: boolean;
  /** Name for messages and `where`; the path when absent. */
  readonly file?: string;
}

/** Who gets what was read. Calls come in the order of the file. */
export type ReadSink = Partial<ClassifierSink>;

/** What the reading itself found out. */
export interface ReadSummary {
  readonly format: 'text' | 'jsonl' | 'trace.dat';
  /** 0 for a trace.dat. */
  readonly lines: number;
  readonly kernel: KernelGuess;
  readonly counts: ClassifierCounts;
  /** The first unreadable pieces; `counts.unreadable` says how many there were. */
  readonly unreadable: readonly UnreadablePiece[];
  /** Names of the known events that occurred. */
  readonly seen: ReadonlySet<string>;
  readonly lockdep: boolean;
  readonly truncated: boolean;
  readonly classifier: Classifier;
}

/**
 * Reads a recording, text or trace.dat or our own events, and hands on events and faults. Constant memory.
 * @throws TraceError `TRACE_EMPTY` no event at all, `TRACE_NOT_A_TRACE` most of it is unreadable, `TRACE_TRUNCATED` it ends
 * in the middle of a line or of its gzip stream, `TRACE_UNREADABLE_FILE` the file can't be opened
 */
export function readTrace(source: TraceSource, options: ReadOptions, sink: ReadSink): Promise<ReadSummary> {
  if (sink.event === undefined) return readViews(source, options, sink);
  return readViews(source, options, { ...sink, event: (event) => sink.event?.(plainEvent(event)) });
}

/** The same for whoever reads an event's members one by one, and at once: events may be views, and no plain data. */
export async function readViews(source: TraceSource, options: ReadOptions, sink: ReadSink): Promise<ReadSummary> {
  const name = options.file ?? sourceName(source);
  const classifier = new Classifier(
    {
      vocabularies: [coreTraceVocabulary, ...options.vocabularies],
      ...(options.kernel === undefined ? {} : { kernel: options.kernel }),
      file: name,
    },
    {
      event: (event) => sink.event?.(event),
      ...(sink.fault === undefined ? {} : { fault: (fault) => sink.fault?.(fault) }),
      ...(sink.namedFaults === undefined ? {} : { namedFaults: sink.namedFaults }),
      ...(sink.moreFaults === undefined ? {} : { moreFaults: () => sink.moreFaults?.() ?? true }),
      ...(sink.repeats === undefined ? {} : { repeats: sink.repeats }),
      ...(sink.record === undefined ? {} : { record: (record) => sink.record?.(record), records: sink.records ?? [] }),
    },
  );
  let scanner: TextScanner | EventFileScanner | undefined;
  let bytes = 0;
  const chunks = openSource(source);
  for await (const chunk of chunks) {
    if (scanner === undefined) {
      // Awaited here, because leaving the loop ends the chunks.
      if (isTraceDat(chunk)) return await readBinary(source, chunk, chunks, name, classifier);
      refuseBinary(chunk, name);
      scanner = isEventFile(chunk) ? new EventFileScanner(classifier, sink, name) : new TextScanner(classifier);
    }
    bytes += chunk.length;
    scanner.feed(chunk);
  }
  scanner?.end();
  classifier.end();
  if (scanner === undefined || bytes === 0) throw new TraceError('TRACE_EMPTY', `${name} is empty`);
  const { counts } = classifier;
  const { lines } = scanner.counts;
  const damaged = counts.unreadable - scanner.unreadableBefore;
  if (damaged > 0 && damaged * 2 > lines) {
    const first = classifier.described[0];
    throw new TraceError(
      'TRACE_NOT_A_TRACE',
      `${name} is no recording: ${damaged} of ${lines} lines are no events, the first is line ${first?.line ?? '?'} (${first?.reason ?? 'unreadable'})`,
    );
  }
  if (scanner.truncated && options.allowTruncated !== true) {
    throw new TraceError(
      'TRACE_TRUNCATED',
      `${name} ends in the middle of line ${lines}: it was cut off; record again, or allow truncated recordings`,
    );
  }
  if (scanner.counts.records === 0) throw new TraceError('TRACE_EMPTY', `${name} has ${lines} lines, but no event`);
  return summarize(classifier, scanner instanceof TextScanner ? 'text' : 'jsonl', lines, scanner.truncated);
}

/** A trace.dat is read by position; one that comes through a pipe becomes a temporary file first. */
async function readBinary(
  source: TraceSource,
  first: Buffer,
  rest: AsyncIterable<Buffer>,
  name: string,
  classifier: Classifier,
): Promise<ReadSummary> {
  if (typeof source === 'string' && source !== '-') return readDatFile(source, name, classifier);
  const spooled = await spool(joined(first, rest), name);
  try {
    return await readDatFile(spooled.path, name, classifier);
  } finally {
    spooled.remove();
  }
}

async function* joined(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

async function readDatFile(source: string, name: string, classifier: Classifier): Promise<ReadSummary> {
  try {
    const summary = await readTraceDat(source, classifier, { wants: (event) => classifier.wants(event) });
    classifier.end();
    const { counts } = classifier;
    counts.unknown += summary.records - counts.records;
    counts.records = summary.records;
    if (summary.records === 0) {
      const why = classifier.described[0]?.reason;
      if (summary.cut) throw new TraceError('TRACE_DAT_TRUNCATED', `${name} has no event that can be read: ${why}`);
      throw new TraceError(
        'TRACE_EMPTY',
        `${name} has no event${why === undefined ? '' : ` that can be read: ${why}`}`,
      );
    }
    return summarize(classifier, 'trace.dat', 0, summary.cut);
  } catch (error) {
    if (error instanceof TraceDatError) throw new TraceError(error.code, `${name}: ${error.message}`);
    throw error;
  }
}

function summarize(
  classifier: Classifier,
  format: ReadSummary['format'],
  lines: number,
  truncated: boolean,
): ReadSummary {
  return {
    format,
    lines,
    kernel: classifier.kernel,
    counts: classifier.counts,
    unreadable: classifier.described,
    seen: classifier.seen,
    lockdep: classifier.lockdepSeen,
    truncated,
    classifier,
  };
}

/** Files that people have beside text recordings, with what to do about them. */
function refuseBinary(chunk: Buffer, name: string): void {
  const head = chunk.toString('latin1', 0, 16);
  if (head.startsWith('PERFILE2')) {
    throw new TraceError('TRACE_NOT_A_TRACE', `${name} is a perf.data file: give the output of 'perf script' instead`);
  }
  if (chunk.subarray(0, 4096).includes(0)) {
    throw new TraceError('TRACE_NOT_A_TRACE', `${name} is a binary file of an unknown kind`);
  }
}
