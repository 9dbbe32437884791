import { beforeSpace } from './byte-pattern.ts';
import type { TextChunk } from './chunk.ts';
import { NameGuesses } from './name-guesses.ts';
import type { NameTable, TextEvent } from './name-table.ts';
import type { TextRecord } from './text-record.ts';

const SPACE = 32;
const DASH = 45;
const COLON = 58;
/** ftrace prints a task's name in so many columns. */
const COMM = 16;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/**
 * Where the parts of a line stand. In most recordings nearly all lines have them in the same columns, so a line is tried
 * with those of the last one before it is taken apart; each part is checked, so that a line that differs is noticed.
 */
export class LineColumns {
  private known = false;
  private cpuStart = 0;
  private cpuEnd = 0;
  private flagsStart = 0;
  private flagsEnd = 0;
  private timeStart = 0;
  private timeEnd = 0;
  private nameStart = 0;
  private readonly guesses = new NameGuesses();
  /** What stood between the name and the time of the last line that was read, and what it meant. */
  private head = new Int32Array(0);
  private headRead = false;
  private pid = 0;
  private cpu = 0;

  /** Learns from a line that was taken apart. */
  learn(chunk: string, start: number, from: TextRecord): void {
    const open = chunk.lastIndexOf('[', from.flagsStart);
    const close = chunk.indexOf(']', open);
    this.cpuStart = open + 1 - start;
    this.cpuEnd = close - start;
    this.flagsStart = from.flagsStart - start;
    this.flagsEnd = from.flagsEnd - start;
    this.timeStart = from.timeStart - start;
    this.timeEnd = from.timeEnd - start;
    this.nameStart = from.nameStart - start;
    this.known = open > start + COMM && close > open && close < from.flagsStart && from.nameStart === from.timeEnd + 2;
    this.head = new Int32Array(this.known ? Math.ceil((this.timeStart - COMM) / 4) : 0);
    this.headRead = false;
  }

  /** The event's name when the line has it in the known column: nobody may want such a line. */
  nameOf(chunk: TextChunk, start: number, end: number, names: NameTable): TextEvent | undefined {
    const { bytes, view } = chunk;
    const nameStart = start + this.nameStart;
    if (
      !this.known ||
      nameStart + 2 > end ||
      bytes[nameStart - 1] !== SPACE ||
      bytes[nameStart - 2] !== COLON ||
      bytes[start + COMM] !== DASH ||
      !isDigit(bytes[nameStart - 3] as number)
    ) {
      return undefined;
    }
    return this.guesses.at(view, nameStart) ?? this.spell(chunk, nameStart, end, names);
  }

  /** Reads the name letter by letter. */
  private spell(chunk: TextChunk, nameStart: number, end: number, names: NameTable): TextEvent | undefined {
    const { bytes, view } = chunk;
    let at = nameStart;
    let code = bytes[at] as number;
    while (code === 95 || (code >= 97 && code <= 122) || isDigit(code)) code = bytes[++at] as number;
    if (code !== COLON || at === nameStart || at >= end) return undefined;
    const info = names.of(chunk.slice(nameStart, at));
    this.guesses.learn(view, nameStart, info);
    return info;
  }

  /** Reads a line whose name is in its column; false when another part is not. */
  read(chunk: TextChunk, start: number, end: number, info: TextEvent, into: TextRecord): boolean {
    const timeStart = start + this.timeStart;
    const timeEnd = start + this.timeEnd;
    if (!this.isSameHead(chunk, start) && !this.readHead(chunk, start)) return false;
    if (!isTime(chunk, timeStart, timeEnd)) return false;
    into.commStart = start;
    into.commEnd = start + COMM;
    into.pid = this.pid;
    into.cpu = this.cpu;
    into.flagsStart = start + this.flagsStart;
    into.flagsEnd = start + this.flagsEnd;
    into.timeStart = timeStart;
    into.timeEnd = timeEnd;
    into.nameStart = start + this.nameStart;
    into.event = info;
    into.bodyStart = into.nameStart + info.name.length + 1;
    into.bodyEnd = end;
    return true;
  }

  /** Most lines are of the task and the CPU of the line before. The last of the words overlaps the one before it. */
  private isSameHead({ view }: TextChunk, start: number): boolean {
    if (!this.headRead) return false;
    const { head } = this;
    const last = start + this.timeStart - 4;
    let at = start + COMM;
    for (let word = 0; word < head.length - 1; word += 1, at += 4) {
      if (view.getInt32(at, true) !== head[word]) return false;
    }
    return view.getInt32(last, true) === head[head.length - 1];
  }

  private readHead({ bytes, view }: TextChunk, start: number): boolean {
    this.headRead = false;
    let at = start + COMM + 1;
    let code = bytes[at] as number;
    if (!isDigit(code)) return false;
    let pid = 0;
    for (; isDigit(code); code = bytes[++at] as number) pid = pid * 10 + code - 48;
    const cpuStart = start + this.cpuStart;
    const cpuEnd = start + this.cpuEnd;
    for (; at < cpuStart - 1; at += 1) if (bytes[at] !== SPACE) return false;
    if (at !== cpuStart - 1 || bytes[at] !== 91 || bytes[cpuEnd] !== 93) return false;
    let cpu = 0;
    for (at = cpuStart; at < cpuEnd; at += 1) {
      code = bytes[at] as number;
      if (!isDigit(code)) return false;
      cpu = cpu * 10 + code - 48;
    }
    const flagsStart = start + this.flagsStart;
    const flagsEnd = start + this.flagsEnd;
    const timeStart = start + this.timeStart;
    for (at = cpuEnd + 1; at < flagsStart; at += 1) if (bytes[at] !== SPACE) return false;
    for (; at < flagsEnd; at += 1) if (bytes[at] === SPACE) return false;
    for (; at < timeStart; at += 1) if (bytes[at] !== SPACE) return false;
    this.pid = pid;
    this.cpu = cpu;
    const { head } = this;
    for (let word = 0; word < head.length; word += 1) {
      head[word] = view.getInt32(Math.min(start + COMM + word * 4, timeStart - 4), true);
    }
    this.headRead = true;
    return true;
  }
}

/** A digit, and no space behind it. */
function isTime({ bytes, view }: TextChunk, start: number, end: number): boolean {
  if (!isDigit(bytes[start] as number)) return false;
  let at = start;
  for (; at + 4 <= end; at += 4) if (beforeSpace(view.getInt32(at, true)) < 4) return false;
  for (; at < end; at += 1) if (bytes[at] === SPACE) return false;
  return true;
}
