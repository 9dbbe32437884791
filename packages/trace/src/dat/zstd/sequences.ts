import {
  literalBase,
  literalBits,
  literalDefault,
  matchBase,
  matchBits,
  matchDefault,
  offsetBits,
  offsetDefault,
} from './codes.ts';
import { type FseTable, fillConstant, fillTable, newFseTable, readTable, ZstdError } from './fse.ts';

/** The three tables of one frame; a block may go on using those of the block before. */
export interface SequenceTables {
  readonly literal: FseTable;
  readonly offset: FseTable;
  readonly match: FseTable;
  ready: boolean;
  /** The three last offsets. */
  readonly recent: Int32Array;
}

export function newSequenceTables(): SequenceTables {
  return {
    literal: newFseTable(9),
    offset: newFseTable(8),
    match: newFseTable(9),
    ready: false,
    recent: new Int32Array(3),
  };
}

/** Nothing is known from the frame before. */
export function startFrame(tables: SequenceTables): void {
  tables.ready = false;
  tables.recent.set(firstOffsets);
}

const firstOffsets = [1, 4, 8];

/** Reads or chooses one table by its two mode bits; returns the offset behind its description. */
function chooseTable(
  mode: number,
  table: FseTable,
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  maxLog: number,
  usual: Int16Array,
  usualLog: number,
  extra: Uint8Array,
  ready: boolean,
): number {
  switch (mode) {
    case 0:
      fillTable(table, usual, usual.length, usualLog, extra);
      return at;
    case 1: {
      const symbol = bytes[at] as number;
      if (at >= end || symbol >= extra.length) throw new ZstdError('a constant code is not possible');
      fillConstant(table, symbol, extra);
      return at + 1;
    }
    case 2:
      return readTable(table, view, at, end, maxLog, extra.length, extra);
    default:
      if (!ready) throw new ZstdError('a block repeats tables that no block before it has');
      return at;
  }
}

/** Where a block's literals are, and the frame's output so far. */
export interface Copying {
  readonly literals: Uint8Array;
  readonly literalView: DataView;
  readonly literalCount: number;
  readonly out: Uint8Array;
  readonly outView: DataView;
  /** Where the next byte goes, where the frame began, and where the output must end. */
  readonly at: number;
  readonly frameStart: number;
  readonly limit: number;
}

/**
 * Carries out a block's sequences: copy some literals, then some earlier output. Returns where the output ends.
 * Both buffers must be writable or readable twenty bytes beyond what is used: bytes are moved four at a time.
 */
export function runSequences(
  tables: SequenceTables,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  copying: Copying,
): number {
  let at = start;
  if (at >= end) throw new ZstdError('a block ends before its sequences');
  let count = bytes[at++] as number;
  if (count >= 128) {
    if (at + 1 >= end) throw new ZstdError('a block ends before its sequences');
    if (count === 255) {
      count = (bytes[at] as number) + ((bytes[at + 1] as number) << 8) + 0x7f00;
      at += 2;
    } else {
      count = ((count - 128) << 8) + (bytes[at++] as number);
    }
  }
  if (count === 0) return copyLiterals(copying, 0, copying.at);
  const modes = bytes[at++] as number;
  if (at >= end || (modes & 3) !== 0) throw new ZstdError('a block has no valid sequence modes');
  const { ready } = tables;
  at = chooseTable(modes >> 6, tables.literal, bytes, view, at, end, 9, literalDefault, 6, literalBits, ready);
  at = chooseTable((modes >> 4) & 3, tables.offset, bytes, view, at, end, 8, offsetDefault, 5, offsetBits, ready);
  at = chooseTable((modes >> 2) & 3, tables.match, bytes, view, at, end, 9, matchDefault, 6, matchBits, ready);
  tables.ready = true;
  const last = at < end ? (bytes[end - 1] as number) : 0;
  if (last === 0) throw new ZstdError('a stream of sequences is cut');
  return execute(tables, view, at * 8, end * 8 - Math.clz32(last) + 23, count, copying);
}

function execute(
  tables: SequenceTables,
  view: DataView,
  first: number,
  lastBit: number,
  count: number,
  copying: Copying,
): number {
  const literalCells = tables.literal.cells;
  const offsetCells = tables.offset.cells;
  const matchCells = tables.match.cells;
  const { literalView, literalCount, out, outView, frameStart, limit } = copying;
  let { 0: recent1, 1: recent2, 2: recent3 } = tables.recent as unknown as [number, number, number];
  let bit = lastBit;
  let to = copying.at;
  let literal = 0;
  bit -= tables.literal.log;
  let literalState = bitsAt(view, bit, tables.literal.log);
  bit -= tables.offset.log;
  let offsetState = bitsAt(view, bit, tables.offset.log);
  bit -= tables.match.log;
  let matchState = bitsAt(view, bit, tables.match.log);
  for (let left = count; left > 0; left -= 1) {
    const literalCell = literalCells[literalState] as number;
    const offsetCell = offsetCells[offsetState] as number;
    const matchCell = matchCells[matchState] as number;
    const offsetCode = offsetCell & 255;
    const literalExtra = (literalCell >>> 12) & 31;
    const matchExtra = (matchCell >>> 12) & 31;
    if (bit < first) throw new ZstdError('a stream of sequences is cut');
    let offset: number;
    let literalLength = literalBase[literalCell & 255] as number;
    let matchLength = matchBase[matchCell & 255] as number;
    const lengths = literalExtra + matchExtra;
    bit -= offsetCode + lengths;
    if (offsetCode + lengths <= 25) {
      const word = view.getUint32(bit >> 3, true) >>> (bit & 7);
      literalLength += word & ((1 << literalExtra) - 1);
      matchLength += (word >>> literalExtra) & ((1 << matchExtra) - 1);
      offset = (1 << offsetCode) + ((word >>> lengths) & ((1 << offsetCode) - 1));
    } else {
      if (offsetCode > 29) throw new ZstdError('a match lies further back than any window');
      literalLength += bitsAt(view, bit, literalExtra);
      matchLength += bitsAt(view, bit + literalExtra, matchExtra);
      offset = (1 << offsetCode) + wideBitsAt(view, bit + lengths, offsetCode);
    }
    if (offset > 3) {
      offset -= 3;
      recent3 = recent2;
      recent2 = recent1;
      recent1 = offset;
    } else {
      const which = literalLength === 0 ? offset + 1 : offset;
      offset = which === 1 ? recent1 : which === 2 ? recent2 : which === 3 ? recent3 : recent1 - 1;
      if (which > 2) recent3 = recent2;
      if (which > 1) {
        recent2 = recent1;
        recent1 = offset;
      }
    }
    if (left > 1) {
      const literalMore = (literalCell >>> 8) & 15;
      const matchMore = (matchCell >>> 8) & 15;
      const offsetMore = (offsetCell >>> 8) & 15;
      const both = matchMore + offsetMore;
      bit -= literalMore + both;
      // The three together may have 26 bits, which with a shift of up to 7 no longer fit into one load.
      const word = view.getUint32(bit >> 3, true) >>> (bit & 7);
      offsetState = (offsetCell >>> 17) + (word & ((1 << offsetMore) - 1));
      matchState = (matchCell >>> 17) + ((word >>> offsetMore) & ((1 << matchMore) - 1));
      literalState =
        (literalCell >>> 17) +
        (literalMore + both <= 25 ? (word >>> both) & ((1 << literalMore) - 1) : bitsAt(view, bit + both, literalMore));
    }
    const matchStart = to + literalLength;
    const matchEnd = matchStart + matchLength;
    if (matchEnd > limit || literal + literalLength > literalCount || offset > matchStart - frameStart || offset <= 0) {
      throw new ZstdError('a sequence reaches outside its block or window');
    }
    // Nearly all literals are at most eight bytes: they are moved without asking how many there are.
    outView.setUint32(to, literalView.getUint32(literal, true), true);
    outView.setUint32(to + 4, literalView.getUint32(literal + 4, true), true);
    for (let done = 8; done < literalLength; done += 4) {
      outView.setUint32(to + done, literalView.getUint32(literal + done, true), true);
    }
    literal += literalLength;
    let from = matchStart - offset;
    to = matchStart;
    if (offset >= 4) {
      if (matchLength > 96 && offset >= matchLength) {
        out.copyWithin(to, from, from + matchLength);
      } else {
        outView.setUint32(to, outView.getUint32(from, true), true);
        outView.setUint32(to + 4, outView.getUint32(from + 4, true), true);
        outView.setUint32(to + 8, outView.getUint32(from + 8, true), true);
        outView.setUint32(to + 12, outView.getUint32(from + 12, true), true);
        for (to += 16, from += 16; to < matchEnd; to += 4, from += 4) {
          outView.setUint32(to, outView.getUint32(from, true), true);
        }
      }
    } else {
      for (; to < matchEnd; to += 1, from += 1) out[to] = out[from] as number;
    }
    to = matchEnd;
  }
  if (bit !== first) throw new ZstdError('a stream of sequences does not end where it should');
  tables.recent[0] = recent1;
  tables.recent[1] = recent2;
  tables.recent[2] = recent3;
  return copyLiterals(copying, literal, to);
}

function bitsAt(view: DataView, bit: number, count: number): number {
  return (view.getUint32(bit >> 3, true) >>> (bit & 7)) & ((1 << count) - 1);
}

function wideBitsAt(view: DataView, bit: number, count: number): number {
  if (count <= 16) return bitsAt(view, bit, count);
  return bitsAt(view, bit, 16) | (bitsAt(view, bit + 16, count - 16) << 16);
}

/** What no sequence took goes to the end. */
function copyLiterals(copying: Copying, from: number, to: number): number {
  const end = to + copying.literalCount - from;
  if (end > copying.limit) throw new ZstdError('a block is longer than the frame says');
  copying.out.set(copying.literals.subarray(from, copying.literalCount), to);
  return end;
}
