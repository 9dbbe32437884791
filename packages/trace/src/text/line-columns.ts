import type { NameTable, TextEvent, TextRecord } from './text-record.ts';

/** Lines as text, and the bytes that they were made of: bytes are faster to look at, one by one. */
export interface ChunkLines {
  readonly text: string;
  readonly bytes: Uint8Array;
  /** Where the text begins in the bytes. */
  readonly base: number;
}

const SPACE = 32;
const DASH = 45;
const COLON = 58;

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
    this.known = open > start + 16 && close > open && close < from.flagsStart && from.nameStart === from.timeEnd + 2;
  }

  /** The event's name when the line has it in the known column: nobody may want such a line. */
  nameOf(lines: ChunkLines, start: number, end: number, names: NameTable): TextEvent | undefined {
    const { bytes, base } = lines;
    const nameStart = start + this.nameStart;
    if (
      !this.known ||
      nameStart + 2 > end ||
      bytes[base + nameStart - 1] !== SPACE ||
      bytes[base + nameStart - 2] !== COLON ||
      bytes[base + start + 16] !== DASH ||
      !isDigit(bytes[base + nameStart - 3] as number)
    ) {
      return undefined;
    }
    let at = nameStart;
    let hash = 0;
    let code = bytes[base + at] as number;
    while (code === 95 || (code >= 97 && code <= 122) || isDigit(code)) {
      hash = (hash * 31 + code) | 0;
      code = bytes[base + ++at] as number;
    }
    return code === COLON && at > nameStart && at < end
      ? names.among(lines, nameStart, at - nameStart, hash)
      : undefined;
  }

  /** Reads a line whose name is in its column; false when another part is not. */
  read({ bytes, base }: ChunkLines, start: number, end: number, info: TextEvent, into: TextRecord): boolean {
    let at = start + 17;
    let code = bytes[base + at] as number;
    if (!isDigit(code)) return false;
    let pid = 0;
    for (; isDigit(code); code = bytes[base + ++at] as number) pid = pid * 10 + code - 48;
    const cpuStart = start + this.cpuStart;
    const cpuEnd = start + this.cpuEnd;
    for (; at < cpuStart - 1; at += 1) if (bytes[base + at] !== SPACE) return false;
    if (at !== cpuStart - 1 || bytes[base + at] !== 91 || bytes[base + cpuEnd] !== 93) return false;
    let cpu = 0;
    for (at = cpuStart; at < cpuEnd; at += 1) {
      code = bytes[base + at] as number;
      if (!isDigit(code)) return false;
      cpu = cpu * 10 + code - 48;
    }
    const flagsStart = start + this.flagsStart;
    const flagsEnd = start + this.flagsEnd;
    const timeStart = start + this.timeStart;
    const timeEnd = start + this.timeEnd;
    for (at = cpuEnd + 1; at < flagsStart; at += 1) if (bytes[base + at] !== SPACE) return false;
    for (; at < flagsEnd; at += 1) if (bytes[base + at] === SPACE) return false;
    for (; at < timeStart; at += 1) if (bytes[base + at] !== SPACE) return false;
    if (!isDigit(bytes[base + timeStart] as number)) return false;
    for (; at < timeEnd; at += 1) if (bytes[base + at] === SPACE) return false;
    into.commStart = start;
    into.commEnd = start + 16;
    into.pid = pid;
    into.cpu = cpu;
    into.flagsStart = flagsStart;
    into.flagsEnd = flagsEnd;
    into.timeStart = timeStart;
    into.timeEnd = timeEnd;
    into.nameStart = start + this.nameStart;
    into.event = info;
    into.bodyStart = into.nameStart + info.name.length + 1;
    into.bodyEnd = end;
    return true;
  }
}
