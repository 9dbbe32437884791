import { latin1 } from './bytes.ts';

const none = -1;

/** More symbols than any kernel has: a damaged table must not become memory. */
const maxSymbols = 2 ** 21;

/** Symbols of one upper address half, thrown into buckets of 64 KiB by the lower half; in a bucket, by line. */
interface Group {
  readonly high: number;
  /** How many symbols lie in the groups below this one. */
  readonly below: number;
  readonly count: number;
  /** Where each bucket starts in `members`; one more entry than buckets. */
  readonly starts: Uint32Array;
  readonly members: Uint32Array;
}

/**
 * The kernel's symbol table, as the recording carries it. Names stay bytes until they are asked for, and nothing is
 * sorted: a table has a hundred thousand symbols and a recording shows a few hundred.
 */
export class Symbols {
  readonly #text: Uint8Array;
  readonly #lines: ParsedLines;
  #groups: readonly Group[] | undefined;
  readonly #names = new Map<number, string>();
  /** Texts with offset, of addresses with the same upper half as the last one's. */
  readonly #texts = new Map<number, string>();
  #lastHigh = -1;
  /** Symbol by low word, one map for each high word: addresses repeat. */
  readonly #found = new Map<number, Map<number, number>>();

  constructor(kallsyms: Uint8Array) {
    this.#text = kallsyms;
    this.#lines = parseLines(kallsyms);
  }

  /** Where a line that is none ended the table, or -1: what stands behind it is not known. */
  get damagedAt(): number {
    return this.#lines.damagedAt;
  }

  get size(): number {
    return this.#lines.count;
  }

  /** The symbol at or below an address, or -1. Of several at one address it is the one that trace-cmd shows. */
  find(high: number, low: number): number {
    let inner = this.#found.get(high);
    if (inner === undefined) {
      if (this.#found.size > 256) this.#found.clear();
      inner = new Map();
      this.#found.set(high, inner);
    }
    // A signed key: the engine keeps those without boxing them.
    let symbol = inner.get(low | 0);
    if (symbol === undefined) {
      symbol = this.#search(high, low);
      if (inner.size > 65536) inner.clear();
      inner.set(low | 0, symbol);
    }
    return symbol;
  }

  #search(high: number, low: number): number {
    this.#groups ??= groupSymbols(this.#lines);
    const lows = this.#lines.low;
    for (let index = this.#groups.length - 1; index >= 0; index -= 1) {
      const group = this.#groups[index] as Group;
      if (group.high > high) continue;
      const { starts, members, below } = group;
      const top = group.high === high ? low : 0xffff_ffff;
      for (let bucket = top >>> 16; bucket >= 0; bucket -= 1) {
        let address = none;
        for (let at = starts[bucket] as number; at < (starts[bucket + 1] as number); at += 1) {
          const value = lows[members[at] as number] as number;
          if (value <= top && value > address) address = value;
        }
        if (address === none) continue;
        const exact = group.high === high && address === low;
        return this.#choose(group, bucket, address, exact, below, index === this.#groups.length - 1);
      }
    }
    return none;
  }

  /**
   * Among symbols of one address trace-cmd's choice comes out of its search: its table lies in ascending order, equal
   * addresses in reverse order of the file, and a halving search stops at the first equal one. Between two addresses it
   * is the last of the lower one's symbols. Above the last symbol of all there is nothing: where that one ends is not known.
   */
  #choose(own: Group, bucket: number, address: number, exact: boolean, below: number, lastGroup: boolean): number {
    const lows = this.#lines.low;
    const { starts, members } = own;
    const equal: number[] = [];
    let smaller = below + (starts[bucket] as number);
    let larger = false;
    for (let at = starts[bucket] as number; at < (starts[bucket + 1] as number); at += 1) {
      const symbol = members[at] as number;
      const value = lows[symbol] as number;
      if (value === address) equal.push(symbol);
      else if (value < address) smaller += 1;
      else larger = true;
    }
    if (!exact) {
      const above = larger || (starts[bucket + 1] as number) < own.count || !lastGroup;
      return above ? (equal[0] as number) : none;
    }
    if (equal.length === 1) return equal[0] as number;
    let from = 0;
    let to = this.size;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (middle < smaller) from = middle + 1;
      else if (middle >= smaller + equal.length) to = middle;
      else return equal[equal.length - 1 - (middle - smaller)] as number;
    }
    return equal[0] as number;
  }

  name(symbol: number): string {
    let name = this.#names.get(symbol);
    if (name === undefined) {
      const start = (this.#lines.line[symbol] as number) + 19;
      let end = start;
      const text = this.#text;
      while (end < text.length && text[end] !== 9 && text[end] !== 10 && text[end] !== 32) end += 1;
      name = latin1(text, start, end);
      this.#names.set(symbol, name);
    }
    return name;
  }

  /** `name+0x1f` for an address, or undefined when no symbol is below it. */
  withOffset(high: number, low: number): string | undefined {
    if (high !== this.#lastHigh) {
      this.#lastHigh = high;
      this.#texts.clear();
    }
    let text = this.#texts.get(low | 0);
    if (text === undefined) {
      const symbol = this.find(high, low);
      if (symbol === none) return undefined;
      const { high: highs, low: lows } = this.#lines;
      const offset = (high - (highs[symbol] as number)) * 4294967296 + (low - (lows[symbol] as number));
      text = `${this.name(symbol)}+0x${offset.toString(16)}`;
      if (this.#texts.size > 65536) this.#texts.clear();
      this.#texts.set(low | 0, text);
    }
    return text;
  }

  /** The bare name for an address, or undefined. */
  nameAt(high: number, low: number): string | undefined {
    const symbol = this.find(high, low);
    return symbol === none ? undefined : this.name(symbol);
  }

  /** Address of a symbol by its name: print formats name a few variables. 0 when there is none. */
  addressOf(name: string): bigint {
    const { high, low } = this.#lines;
    for (let symbol = 0; symbol < this.size; symbol += 1) {
      if (this.#isNamed(symbol, name)) return (BigInt(high[symbol] as number) << 32n) | BigInt(low[symbol] as number);
    }
    return 0n;
  }

  #isNamed(symbol: number, name: string): boolean {
    const start = (this.#lines.line[symbol] as number) + 19;
    const text = this.#text;
    for (let at = 0; at < name.length; at += 1) {
      if (text[start + at] !== name.charCodeAt(at)) return false;
    }
    const after = text[start + name.length];
    return after === undefined || after === 9 || after === 10 || after === 32;
  }
}

interface ParsedLines {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  /** Offset of each symbol's line in the text. */
  readonly line: Uint32Array;
  readonly count: number;
  readonly runs: readonly Run[];
  readonly damagedAt: number;
}

/** Symbols in a row with one upper address half. */
interface Run {
  readonly high: number;
  readonly from: number;
}

/** `ffffffff81000000 T _`: no line is shorter. */
const shortestLine = 20;

/**
 * Lines are `ffffffff81000000 T _stext[\t[module]]`. A line of another form ends the table, as it does for trace-cmd:
 * what follows a damaged line cannot be trusted. Absolute symbols (per-CPU offsets) and arm's mapping symbols are no
 * places in code.
 */
function parseLines(text: Uint8Array): ParsedLines {
  const capacity = Math.min(maxSymbols, Math.ceil(text.length / shortestLine) + 1);
  const high = new Uint32Array(capacity);
  const low = new Uint32Array(capacity);
  const line = new Uint32Array(capacity);
  const limit = text.length - shortestLine;
  const view = new DataView(text.buffer, text.byteOffset, text.byteLength);
  let count = 0;
  let start = 0;
  // Nearly all lines share their upper digits with the line before: those are compared, not read again.
  let upper = 0;
  let upperStart = none;
  const runs: Run[] = [];
  let runHigh = 0;
  while (start <= limit && count < capacity) {
    let lower = 0;
    let seen = 0;
    const same =
      upperStart !== none &&
      view.getUint32(start) === view.getUint32(upperStart) &&
      view.getUint32(start + 4) === view.getUint32(upperStart + 4);
    if (!same) {
      upper = 0;
      for (let at = start; at < start + 8; at += 1) {
        const digit = hexDigit[text[at] as number] as number;
        seen |= digit;
        upper = (upper << 4) | digit;
      }
      upperStart = start;
    }
    for (let at = start + 8; at < start + 16; at += 1) {
      const digit = hexDigit[text[at] as number] as number;
      seen |= digit;
      lower = (lower << 4) | digit;
    }
    if (seen > 15 || text[start + 16] !== 32 || text[start + 18] !== 32) break;
    const kind = text[start + 17];
    if (kind !== 65 && kind !== 97 && text[start + 19] !== 36) {
      if (count === 0 || (upper | 0) !== runHigh) {
        runHigh = upper | 0;
        runs.push({ high: upper >>> 0, from: count });
      }
      high[count] = upper;
      low[count] = lower;
      line[count] = start;
      count += 1;
    }
    let end = start + shortestLine - 1;
    while (end + 4 <= text.length && !hasFeed(view.getInt32(end))) end += 4;
    while (end < text.length && text[end] !== 10) end += 1;
    start = Math.min(end + 1, text.length);
  }
  // A table may end with NULs.
  const rest = start < text.length && text[start] !== 0;
  return { high, low, line, count, runs, damagedAt: rest ? start : none };
}

/** Whether one of four bytes is a line feed. */
function hasFeed(word: number): boolean {
  const feeds = word ^ 0x0a0a_0a0a;
  return ((feeds - 0x0101_0101) & ~feeds & 0x8080_8080) !== 0;
}

/** Value of each ASCII character as a hex digit; 255 for the others. */
const hexDigit = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 255 : value;
});

const buckets = 65536;
/** A kernel's symbols have two or three different upper halves; a damaged table's many are not worth their memory. */
const maxGroups = 32;

function groupSymbols({ low, count, runs }: ParsedLines): Group[] {
  const counts = new Map<number, number>();
  eachRun(runs, count, (word, from, to) => counts.set(word, (counts.get(word) ?? 0) + to - from));
  const groups: Group[] = [];
  let below = 0;
  const largest = [...counts].sort((a, b) => b[1] - a[1]).slice(0, maxGroups);
  for (const [word, size] of largest.sort((a, b) => a[0] - b[0])) {
    const starts = new Uint32Array(buckets + 1);
    const own: [from: number, to: number][] = [];
    eachRun(runs, count, (high, from, to) => {
      if (high === word) own.push([from, to]);
    });
    for (const [from, to] of own) countBuckets(low, from, to, starts);
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      starts[bucket + 1] = (starts[bucket + 1] as number) + (starts[bucket] as number);
    }
    const at = starts.slice();
    const members = new Uint32Array(size);
    for (const [from, to] of own) fillBuckets(low, from, to, at, members);
    groups.push({ high: word, below, count: size, starts, members });
    below += size;
  }
  return groups;
}

/** Symbols with one upper half stand in long runs. */
function eachRun(runs: readonly Run[], count: number, visit: (high: number, from: number, to: number) => void): void {
  for (let index = 0; index < runs.length; index += 1) {
    const { high, from } = runs[index] as Run;
    visit(high, from, runs[index + 1]?.from ?? count);
  }
}

function countBuckets(low: Uint32Array, from: number, to: number, starts: Uint32Array): void {
  for (let symbol = from; symbol < to; symbol += 1) {
    const next = ((low[symbol] as number) >>> 16) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
}

function fillBuckets(low: Uint32Array, from: number, to: number, at: Uint32Array, members: Uint32Array): void {
  for (let symbol = from; symbol < to; symbol += 1) {
    const bucket = (low[symbol] as number) >>> 16;
    const place = at[bucket] as number;
    members[place] = symbol;
    at[bucket] = place + 1;
  }
}
