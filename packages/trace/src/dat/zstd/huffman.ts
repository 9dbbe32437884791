import { newFseTable, readTable, ZstdError } from './fse.ts';

/** Codes are at most this long. */
const maxBits = 11;

/** Symbol in the low 8 bits, code length above; indexed by the next `bits` bits of the stream. */
export interface HuffmanTable {
  readonly cells: Uint16Array;
  bits: number;
}

export function newHuffmanTable(): HuffmanTable {
  return { cells: new Uint16Array(1 << maxBits), bits: 0 };
}

const weights = new Uint8Array(256);
const weightTable = newFseTable(6);
const noExtra = new Uint8Array(256);
const rank = new Uint32Array(maxBits + 2);

/** Reads a tree description and builds the table; returns the offset behind it. */
export function readHuffman(
  table: HuffmanTable,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
): number {
  if (start >= end) throw new ZstdError('a Huffman tree is missing');
  const head = bytes[start] as number;
  let after: number;
  let count: number;
  if (head >= 128) {
    count = head - 127;
    after = start + 1 + ((count + 1) >> 1);
    if (after > end) throw new ZstdError('a Huffman tree is cut');
    for (let index = 0; index < count; index += 1) {
      const pair = bytes[start + 1 + (index >> 1)] as number;
      weights[index] = (index & 1) === 0 ? pair >> 4 : pair & 15;
    }
  } else {
    after = start + 1 + head;
    if (after > end) throw new ZstdError('a Huffman tree is cut');
    count = readWeights(bytes, view, start + 1, after);
  }
  build(table, count);
  return after;
}

/** Weights behind an entropy table of their own, from a stream read backwards by two states in turn. */
function readWeights(bytes: Uint8Array, view: DataView, start: number, end: number): number {
  const stream = readTable(weightTable, view, start, end, 6, 12, noExtra);
  const last = bytes[end - 1] as number;
  if (stream >= end || last === 0) throw new ZstdError('a Huffman tree is cut');
  const { cells, log } = weightTable;
  const first = stream * 8;
  let bit = end * 8 - Math.clz32(last) + 23;
  const take = (count: number): number => {
    bit -= count;
    if (bit >= first) return (view.getUint32(bit >> 3, true) >>> (bit & 7)) & ((1 << count) - 1);
    // Behind the stream's first bit there are zeros.
    const missing = Math.min(count, first - bit);
    const rest = count - missing;
    return ((view.getUint32(first >> 3, true) & ((1 << rest) - 1)) << missing) & ((1 << count) - 1);
  };
  let one = take(log);
  let two = take(log);
  if (bit < first) throw new ZstdError('a Huffman tree is cut');
  let count = 0;
  for (;;) {
    if (count > 253) throw new ZstdError('a Huffman tree has too many symbols');
    const cell = cells[one] as number;
    weights[count++] = cell & 255;
    one = (cell >>> 17) + take((cell >>> 8) & 15);
    if (bit < first) {
      weights[count++] = (cells[two] as number) & 255;
      return count;
    }
    const swap = one;
    one = two;
    two = swap;
  }
}

/** The last symbol's weight is not written: it fills the tree up. */
function build(table: HuffmanTable, known: number): void {
  let sum = 0;
  for (let index = 0; index < known; index += 1) {
    const weight = weights[index] as number;
    if (weight > maxBits) throw new ZstdError('a Huffman code is too long');
    if (weight > 0) sum += 1 << (weight - 1);
  }
  if (sum === 0 || known > 255) throw new ZstdError('a Huffman tree is empty');
  const bits = 32 - Math.clz32(sum);
  const rest = (1 << bits) - sum;
  if (bits > maxBits || (rest & (rest - 1)) !== 0) throw new ZstdError('a Huffman tree does not add up');
  weights[known] = 32 - Math.clz32(rest);
  rank.fill(0);
  for (let index = 0; index <= known; index += 1) {
    const weight = weights[index] as number;
    if (weight > 0) rank[weight] = (rank[weight] as number) + (1 << (weight - 1));
  }
  let start = 0;
  for (let weight = 1; weight <= bits; weight += 1) {
    const taken = rank[weight] as number;
    rank[weight] = start;
    start += taken;
  }
  const { cells } = table;
  for (let symbol = 0; symbol <= known; symbol += 1) {
    const weight = weights[symbol] as number;
    if (weight === 0) continue;
    const from = rank[weight] as number;
    const to = from + (1 << (weight - 1));
    const cell = symbol | ((bits + 1 - weight) << 8);
    for (let at = from; at < to; at += 1) cells[at] = cell;
    rank[weight] = to;
  }
  table.bits = bits;
}

/**
 * Decodes one stream, read backwards from `end` to `start`, into `out` from `at` to `to`. A stream must be used up
 * exactly. Memory must be readable four bytes to both sides.
 */
export function decodeStream(
  table: HuffmanTable,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
  to: number,
): void {
  const { cells, bits } = table;
  const last = end > start ? (bytes[end - 1] as number) : 0;
  if (last === 0) throw new ZstdError('a stream of literals is cut');
  const mask = (1 << bits) - 1;
  const first = start * 8;
  let bit = end * 8 - Math.clz32(last) + 23;
  let position = at;
  const pairs = to - 1;
  // Two codes of at most 11 bits and a shift of at most 7 fit into one 32-bit load.
  while (position < pairs && bit > first) {
    const from = bit - 2 * bits;
    const word = view.getUint32(from >> 3, true) >>> (from & 7);
    const one = cells[(word >>> bits) & mask] as number;
    const length = one >>> 8;
    const two = cells[(word >>> (bits - length)) & mask] as number;
    out[position] = one;
    out[position + 1] = two;
    position += 2;
    bit -= length + (two >>> 8);
  }
  if (position < to && bit > first) {
    const from = bit - bits;
    const cell = cells[(view.getUint32(from >> 3, true) >>> (from & 7)) & mask] as number;
    out[position++] = cell;
    bit -= cell >>> 8;
  }
  if (position !== to || bit !== first) throw new ZstdError('a stream of literals does not end where it should');
}
