import type { TextChunk } from './chunk.ts';

const SPACE = 32;

/** Finds the lines of a chunk, one after the other, and whether a second event stands in one. */
export class LineEnds {
  readonly #chunk: TextChunk;
  /** Where the next bracket stands, or the chunk ends; in front of the line where that is not known. */
  #bracket = -1;

  constructor(chunk: TextChunk) {
    this.#chunk = chunk;
  }

  /** Where the line at `start` ends; -1 where it has no end. */
  of(start: number): number {
    return this.#chunk.text.indexOf('\n', start);
  }

  /** A CPU with time and event stands in the line twice. Names of tasks may have brackets of their own. */
  hasSecond(start: number, end: number): boolean {
    const { text } = this.#chunk;
    const first = this.#bracket < start ? this.#after(start) : this.#bracket;
    this.#bracket = first;
    if (first >= end) return false;
    // Mostly the next line's, which need not be looked for again.
    const next = this.#after(first + 2);
    this.#bracket = next;
    if (next >= end) return false;
    const { bytes } = this.#chunk;
    let events = 0;
    for (let at = first; at !== -1 && at < end && events < 2; at = text.indexOf(BRACKET, at + 2)) {
      if (isEventAhead(bytes, at + 1)) events += 1;
    }
    return events === 2;
  }

  #after(from: number): number {
    const { text } = this.#chunk;
    const found = text.indexOf(BRACKET, from);
    return found === -1 ? text.length : found;
  }
}

const BRACKET = '] ';
const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
const isFlag = (code: number): boolean => isLetter(code) || isDigit(code) || code === 46 || code === 35;

/** Whether what follows the bracket of a CPU follows: perhaps flags, then ` seconds.digits: name: `. */
function isEventAhead(bytes: Uint8Array, from: number): boolean {
  if (bytes[from] !== SPACE) return false;
  const first = from + 1;
  if (isTimeAndName(bytes, first)) return true;
  let at = first;
  while (isFlag(bytes[at] as number)) at += 1;
  if (at - first < 3 || at - first > 8 || bytes[at] !== SPACE) return false;
  return isTimeAndName(bytes, afterSpaces(bytes, at));
}

function isTimeAndName(bytes: Uint8Array, from: number): boolean {
  let at = afterDigits(bytes, from);
  if (at === from || bytes[at] !== 46) return false;
  const point = at;
  at = afterDigits(bytes, point + 1);
  if (at - point < 7 || at - point > 10 || bytes[at] !== 58 || bytes[at + 1] !== SPACE) return false;
  at = afterSpaces(bytes, at + 1);
  if (!isLetter(bytes[at] as number)) return false;
  let code = bytes[at] as number;
  while (isLetter(code) || isDigit(code) || code === 58) code = bytes[++at] as number;
  return bytes[at - 1] === 58 && code === SPACE;
}

function afterDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isDigit(bytes[at] as number)) at += 1;
  return at;
}

function afterSpaces(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === SPACE) at += 1;
  return at;
}
