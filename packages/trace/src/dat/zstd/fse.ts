/** Thrown inside the decoder for anything the format does not allow; the caller gives it a place and a code. */
export class ZstdError extends Error {}

/**
 * A table of finite-state entropy: for each state the symbol it stands for, how many bits its successor is read with,
 * and what they are added to. One word a state: symbol in bits 0-7, successor's bits in 8-11, the symbol's own extra
 * bits in 12-16, base from 17 on. All in one word, because the next state's place in the stream hangs on it.
 */
export interface FseTable {
  readonly cells: Uint32Array;
  log: number;
}

export function newFseTable(maxLog: number): FseTable {
  return { cells: new Uint32Array(1 << maxLog), log: 0 };
}

/** A table with one state, which always stands for `symbol` and reads nothing but the symbol's extra bits. */
export function fillConstant(table: FseTable, symbol: number, extra: Uint8Array): void {
  table.cells[0] = symbol | ((extra[symbol] as number) << 12);
  table.log = 0;
}

const next = new Uint16Array(256);

/** Builds the table from how often each symbol occurs; -1 stands for "less than once". */
export function fillTable(table: FseTable, counts: Int16Array, symbols: number, log: number, extra: Uint8Array): void {
  const size = 1 << log;
  const { cells } = table;
  let high = size - 1;
  for (let symbol = 0; symbol < symbols; symbol += 1) {
    const count = counts[symbol] as number;
    next[symbol] = count === -1 ? 1 : count;
    if (count === -1) cells[high--] = symbol;
  }
  const step = (size >> 1) + (size >> 3) + 3;
  const mask = size - 1;
  let at = 0;
  for (let symbol = 0; symbol < symbols; symbol += 1) {
    for (let left = counts[symbol] as number; left > 0; left -= 1) {
      cells[at] = symbol;
      do at = (at + step) & mask;
      while (at > high);
    }
  }
  if (at !== 0) throw new ZstdError('an entropy table does not add up');
  for (let state = 0; state < size; state += 1) {
    const symbol = cells[state] as number;
    const position = next[symbol] as number;
    next[symbol] = position + 1;
    const bits = log - (31 - Math.clz32(position));
    cells[state] = symbol | (bits << 8) | ((extra[symbol] as number) << 12) | (((position << bits) - size) << 17);
  }
  table.log = log;
}

const counts = new Int16Array(256);

/**
 * Reads a table's description and builds it. Returns the offset behind it.
 * `bytes` must be readable for four bytes behind `end`.
 */
export function readTable(
  table: FseTable,
  view: DataView,
  start: number,
  end: number,
  maxLog: number,
  maxSymbols: number,
  extra: Uint8Array,
): number {
  if (start >= end) throw new ZstdError('an entropy table is missing');
  let bit = start * 8;
  const take = (count: number): number => {
    const value = (view.getUint32(bit >> 3, true) >>> (bit & 7)) & ((1 << count) - 1);
    bit += count;
    return value;
  };
  const log = take(4) + 5;
  if (log > maxLog) throw new ZstdError('an entropy table is larger than allowed');
  let left = (1 << log) + 1;
  let symbol = 0;
  while (left > 1 && symbol < maxSymbols) {
    // A value from 0 to `left`, in as few bits as that range allows.
    const bits = 32 - Math.clz32(left);
    let value = take(bits);
    const lower = (1 << (bits - 1)) - 1;
    const spare = (1 << bits) - 1 - left;
    if ((value & lower) < spare) {
      bit -= 1;
      value &= lower;
    } else if (value > lower) {
      value -= spare;
    }
    const count = value - 1;
    counts[symbol++] = count;
    left -= count < 0 ? -count : count;
    if (count === 0) {
      for (;;) {
        const repeat = take(2);
        if (symbol + repeat > maxSymbols) throw new ZstdError('an entropy table has too many symbols');
        for (let index = 0; index < repeat; index += 1) counts[symbol++] = 0;
        if (repeat !== 3) break;
        if (bit >> 3 >= end) throw new ZstdError('an entropy table is cut');
      }
    }
    if (bit >> 3 > end) throw new ZstdError('an entropy table is cut');
  }
  const after = (bit + 7) >> 3;
  if (left !== 1 || after > end) throw new ZstdError('an entropy table does not add up');
  fillTable(table, counts, symbol, log, extra);
  return after;
}
