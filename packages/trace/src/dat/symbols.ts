import { latin1 } from './bytes.ts';

const noIndex = -1;

/** More symbols than any kernel has; below it a low word and a line number fit into one exact number. */
const span = 2 ** 21;

/**
 * The kernel's symbol table, as the recording carries it. Names stay bytes until they are asked for: a table has a
 * hundred thousand of them and a recording shows a few hundred.
 */
export class Symbols {
  readonly #text: Uint8Array;
  /** High and low words of the addresses, ascending; and where each one's line starts. */
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  readonly #line: Uint32Array;
  readonly #names = new Map<number, string>();
  /** Index by low word, one map for each high word: addresses repeat, and the search is the slow part. */
  readonly #found = new Map<number, Map<number, number>>();

  constructor(kallsyms: Uint8Array) {
    this.#text = kallsyms;
    const parsed = parseLines(kallsyms);
    const order = ascending(parsed);
    const count = order.length;
    this.#high = new Uint32Array(count);
    this.#low = new Uint32Array(count);
    this.#line = new Uint32Array(count);
    for (let index = 0; index < count; index += 1) {
      const from = order[index] as number;
      this.#high[index] = parsed.high[from] as number;
      this.#low[index] = parsed.low[from] as number;
      this.#line[index] = parsed.line[from] as number;
    }
  }

  get size(): number {
    return this.#low.length;
  }

  /** The symbol at or below an address, or -1. Two symbols at one address: the same choice as trace-cmd's. */
  find(high: number, low: number): number {
    let inner = this.#found.get(high);
    if (inner === undefined) {
      inner = new Map();
      this.#found.set(high, inner);
    }
    let index = inner.get(low);
    if (index === undefined) {
      index = this.#search(high, low);
      if (inner.size > 65536) inner.clear();
      inner.set(low, index);
    }
    return index;
  }

  #search(high: number, low: number): number {
    const highs = this.#high;
    const lows = this.#low;
    let from = 0;
    let to = lows.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const order = compare(high, low, highs[middle] as number, lows[middle] as number);
      if (order === 0) return middle;
      if (order < 0) {
        to = middle;
        continue;
      }
      const next = middle + 1;
      if (next < lows.length && compare(high, low, highs[next] as number, lows[next] as number) < 0) return middle;
      from = next;
    }
    return noIndex;
  }

  name(index: number): string {
    let name = this.#names.get(index);
    if (name === undefined) {
      const start = (this.#line[index] as number) + 19;
      let end = start;
      const text = this.#text;
      while (end < text.length && text[end] !== 9 && text[end] !== 10 && text[end] !== 32) end += 1;
      name = latin1(text, start, end);
      this.#names.set(index, name);
    }
    return name;
  }

  /** `name+0x1f` for an address, or undefined when no symbol is below it. */
  withOffset(high: number, low: number): string | undefined {
    const index = this.find(high, low);
    if (index === noIndex) return undefined;
    const offset = (high - (this.#high[index] as number)) * 4294967296 + (low - (this.#low[index] as number));
    return `${this.name(index)}+0x${offset.toString(16)}`;
  }

  /** The bare name for an address, or undefined. */
  nameAt(high: number, low: number): string | undefined {
    const index = this.find(high, low);
    return index === noIndex ? undefined : this.name(index);
  }

  /** Address of a symbol by its name: print formats name a few variables. 0 when there is none. */
  addressOf(name: string): bigint {
    for (let index = 0; index < this.size; index += 1) {
      if (this.#isNamed(index, name)) {
        return (BigInt(this.#high[index] as number) << 32n) | BigInt(this.#low[index] as number);
      }
    }
    return 0n;
  }

  #isNamed(index: number, name: string): boolean {
    const start = (this.#line[index] as number) + 19;
    const text = this.#text;
    for (let at = 0; at < name.length; at += 1) {
      if (text[start + at] !== name.charCodeAt(at)) return false;
    }
    const after = text[start + name.length];
    return after === undefined || after === 9 || after === 10 || after === 32;
  }
}

function compare(highA: number, lowA: number, highB: number, lowB: number): number {
  return highA === highB ? lowA - lowB : highA - highB;
}

interface ParsedLines {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly line: Uint32Array;
  readonly count: number;
}

/**
 * Lines are `ffffffff81000000 T _stext[\t[module]]`. A line of another form ends the table, as it does for trace-cmd:
 * what follows a damaged line cannot be trusted. Absolute symbols (per-CPU offsets) and arm's mapping symbols are no
 * places in code.
 */
function parseLines(text: Uint8Array): ParsedLines {
  let capacity = 0;
  for (let at = text.indexOf(10); at !== -1; at = text.indexOf(10, at + 1)) capacity += 1;
  capacity += 1;
  const high = new Uint32Array(capacity);
  const low = new Uint32Array(capacity);
  const line = new Uint32Array(capacity);
  let count = 0;
  let start = 0;
  while (start + 20 <= text.length && count < span) {
    const upper = hexWord(text, start);
    const lower = hexWord(text, start + 8);
    if (upper < 0 || lower < 0 || text[start + 16] !== 32 || text[start + 18] !== 32) break;
    const kind = text[start + 17];
    if (kind !== 65 && kind !== 97 && text[start + 19] !== 36) {
      high[count] = upper;
      low[count] = lower;
      line[count] = start;
      count += 1;
    }
    const end = text.indexOf(10, start + 19);
    if (end === -1) break;
    start = end + 1;
  }
  return { high, low, line, count };
}

/** Value of each ASCII character as a hex digit; 255 for the others. */
const hexDigit = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 255 : value;
});

function hexWord(text: Uint8Array, at: number): number {
  let value = 0;
  let seen = 0;
  for (let index = at; index < at + 8; index += 1) {
    const digit = hexDigit[text[index] as number] as number;
    seen |= digit;
    value = (value << 4) | digit;
  }
  return seen > 15 ? -1 : value >>> 0;
}

/**
 * Line numbers by ascending address; symbols at one address stand in reverse order of the file, because that is how
 * trace-cmd's table lies and its choice among them depends on it. Sorting plain numbers (low word, then line) is
 * several times faster than sorting with a comparison; few different high words occur.
 */
function ascending({ high, low, count }: ParsedLines): Uint32Array {
  const groups = new Map<number, number>();
  for (let index = 0; index < count; index += 1) {
    const word = high[index] as number;
    groups.set(word, (groups.get(word) ?? 0) + 1);
  }
  const order = new Uint32Array(count);
  if (groups.size > 64) {
    // Only a damaged table has so many: correctness is enough here.
    for (let index = 0; index < count; index += 1) order[index] = index;
    const at = (words: Uint32Array, index: number): number => words[index] as number;
    return order.sort((a, b) => at(high, a) - at(high, b) || at(low, a) - at(low, b) || b - a);
  }
  let filled = 0;
  for (const word of [...groups.keys()].sort((a, b) => a - b)) {
    const keys = new Float64Array(groups.get(word) ?? 0);
    let used = 0;
    for (let index = 0; index < count; index += 1) {
      if (high[index] === word) keys[used++] = (low[index] as number) * span + (count - 1 - index);
    }
    keys.sort();
    for (const key of keys) order[filled++] = count - 1 - (key % span);
  }
  return order;
}
