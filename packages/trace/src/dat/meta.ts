import type { MetaCursor } from './bytes.ts';
import { latin1 } from './bytes.ts';
import { TraceDatError } from './error.ts';
import type { FormatText, RecordingOptions } from './layout.ts';

/** What both `MetaCursor` and `FileCursor` can do: the pieces below have one form in both versions. */
export interface Cursor {
  readonly offset: number;
  bytes(count: number, what: string): Uint8Array;
  u32(what: string): number;
  u64(what: string): number;
  cString(what: string): string;
}

/** The two header descriptions, each after its own NUL-ended title. */
export function readHeaderInfo(cursor: Cursor): { headerPage: string; headerEvent: string } {
  return { headerPage: readTitled(cursor, 'header_page'), headerEvent: readTitled(cursor, 'header_event') };
}

function readTitled(cursor: Cursor, title: string): string {
  const start = cursor.offset;
  const found = cursor.cString(`the title ${title}`);
  if (found !== title) {
    throw new TraceDatError(
      'TRACE_DAT_FORMAT',
      start,
      `${title} should stand here and ${JSON.stringify(found.slice(0, 20))} does: the file is damaged`,
    );
  }
  return latin1(cursor.bytes(cursor.u64(`the size of ${title}`), title));
}

export function readFtraceFormats(cursor: Cursor, into: FormatText[]): void {
  const count = cursor.u32('the number of ftrace formats');
  for (let index = 0; index < count; index += 1) into.push(readFormat(cursor, 'ftrace'));
}

export function readEventFormats(cursor: Cursor, into: FormatText[]): void {
  const systems = cursor.u32('the number of event groups');
  for (let index = 0; index < systems; index += 1) {
    const system = cursor.cString('the name of an event group');
    const count = cursor.u32(`the number of events in ${system}`);
    for (let event = 0; event < count; event += 1) into.push(readFormat(cursor, system));
  }
}

function readFormat(cursor: Cursor, system: string): FormatText {
  const what = `an event format of ${system}`;
  return { system, bytes: cursor.bytes(cursor.u64(`the size of ${what}`), what) };
}

/** Option numbers, the same in both versions. */
export const option = {
  done: 0,
  date: 1,
  buffer: 3,
  traceClock: 4,
  uname: 5,
  offset: 7,
  cpuCount: 8,
  tsc2nsec: 14,
  headerInfo: 16,
  ftraceEvents: 17,
  eventFormats: 18,
  kallsyms: 19,
  printk: 20,
  cmdlines: 21,
  bufferText: 22,
} as const;

/** A mutable form of RecordingOptions while the options are being walked. */
export interface OptionSink {
  clock?: string;
  timestampOffset: bigint;
  tsc?: NonNullable<RecordingOptions['tsc']>;
  uname?: string;
  cpuCount?: number;
}

/** Takes the options that mean the same in both versions. An unknown one is skipped: that is what they are made for. */
export function readCommonOption(id: number, data: MetaCursor, sink: OptionSink): void {
  const text = (): string => latin1(data.bytes(data.left, 'an option')).replace(/\0.*$/s, '');
  switch (id) {
    case option.date:
      sink.timestampOffset += toBigInt(text()) * 1000n;
      break;
    case option.offset:
      sink.timestampOffset += toBigInt(text());
      break;
    case option.traceClock: {
      const clock = /\[([^\]]+)\]/.exec(text())?.[1];
      if (clock !== undefined) sink.clock = clock;
      break;
    }
    case option.uname:
      sink.uname = text();
      break;
    case option.cpuCount:
      if (data.left >= 4) sink.cpuCount = data.u32('the number of CPUs');
      break;
    case option.tsc2nsec:
      if (data.left >= 16) {
        const mult = BigInt(data.u32('the TSC multiplier'));
        const shift = BigInt(data.u32('the TSC shift') & 63);
        sink.tsc = { mult, shift, offset: BigInt(data.u64('the TSC offset')) };
      }
      break;
    default:
      break;
  }
}

function toBigInt(text: string): bigint {
  const match = /^\s*([-+]?)(0[xX][0-9a-fA-F]{1,16}|\d{1,19})/.exec(text);
  if (match === null) return 0n;
  const value = BigInt(match[2] ?? '0');
  return match[1] === '-' ? -value : value;
}
