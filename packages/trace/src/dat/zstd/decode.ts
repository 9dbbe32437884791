import { ZstdError } from './fse.ts';
import { decodeStream, newHuffmanTable, readHuffman } from './huffman.ts';
import { newSequenceTables, runSequences, startFrame } from './sequences.ts';

const frameMagic = 0xfd2f_b528;
/** The largest block, by the format. */
const maxBlock = 128 * 1024;
/** How far reads and writes may go beyond what they need: bytes are moved four at a time, and some always. */
const slack = 32;

/** The input with room on both sides; kept between calls and as large as the largest piece. */
let input = new Uint8Array(0);
let inputView = new DataView(input.buffer);
const literals = new Uint8Array(maxBlock + slack);
/** Of the frame that is being decoded. */
const tables = newSequenceTables();
const huffman = newHuffmanTable();
const literalView = new DataView(literals.buffer);

/**
 * Decodes Zstandard frames (RFC 8878) whose decoded size is known, as trace-cmd writes them. A decoder of our own,
 * because the time of reading a compressed recording is the time of this function.
 * The result lies in the buffer of `reuse` when that is large enough (`size` and 32 bytes), else in memory of its own.
 * @throws ZstdError for whatever the format does not allow
 */
export function decodeZstd(packed: Uint8Array, size: number, reuse?: Uint8Array): Uint8Array {
  if (input.length < packed.length + 2 * slack) {
    input = new Uint8Array(packed.length + 2 * slack);
    inputView = new DataView(input.buffer);
  }
  input.set(packed, slack);
  input.fill(0, slack + packed.length, slack * 2 + packed.length);
  const old = reuse === undefined ? undefined : new Uint8Array(reuse.buffer);
  const room = old !== undefined && old.length >= size + slack ? old : new Uint8Array(size + slack);
  const outView = new DataView(room.buffer);
  const end = slack + packed.length;
  let at = slack;
  let written = 0;
  while (at < end) {
    if (at + 8 > end && at + 4 > end) throw new ZstdError('a frame is cut');
    const magic = inputView.getUint32(at, true);
    if ((magic & 0xffff_fff0) >>> 0 === 0x184d_2a50) {
      at += 8 + inputView.getUint32(at + 4, true);
      if (at > end) throw new ZstdError('a frame is cut');
      continue;
    }
    if (magic !== frameMagic) throw new ZstdError('this is no zstd frame');
    const frame = decodeFrame(at + 4, end, room, outView, written, size);
    at = frame.at;
    written = frame.written;
  }
  return room.subarray(0, written);
}

function decodeFrame(
  start: number,
  end: number,
  out: Uint8Array,
  outView: DataView,
  frameStart: number,
  limit: number,
): { at: number; written: number } {
  const descriptor = input[start] as number;
  const single = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number;
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
  if ((descriptor & 0x08) !== 0) throw new ZstdError('a frame uses a reserved bit');
  let at = start + 1 + (single ? 0 : 1);
  for (let index = 0; index < dictionaryBytes; index += 1) {
    if (input[at + index] !== 0) throw new ZstdError('a frame needs a dictionary');
  }
  at += dictionaryBytes + sizeBytes;
  startFrame(tables);
  huffman.bits = 0;
  let written = frameStart;
  for (let last = false; !last; ) {
    if (at + 3 > end) throw new ZstdError('a frame is cut');
    const header = (input[at] as number) | ((input[at + 1] as number) << 8) | ((input[at + 2] as number) << 16);
    at += 3;
    last = (header & 1) === 1;
    const type = (header >> 1) & 3;
    const size = header >> 3;
    const there = type === 1 ? 1 : size;
    if (at + there > end || size > maxBlock) throw new ZstdError('a block is cut');
    if (type === 2) {
      written = decodeBlock(at, at + size, out, outView, written, frameStart, limit);
    } else {
      if (type === 3) throw new ZstdError('a block has a reserved type');
      if (written + size > limit) throw new ZstdError('a block is longer than the frame says');
      if (type === 0) out.set(input.subarray(at, at + size), written);
      else out.fill(input[at] as number, written, written + size);
      written += size;
    }
    at += there;
  }
  if ((descriptor & 4) !== 0) {
    at += 4;
    if (at > end) throw new ZstdError('a frame is cut');
  }
  return { at, written };
}

function decodeBlock(
  start: number,
  end: number,
  out: Uint8Array,
  outView: DataView,
  written: number,
  frameStart: number,
  limit: number,
): number {
  if (start >= end) throw new ZstdError('a block is empty');
  const first = input[start] as number;
  const type = first & 3;
  const format = (first >> 2) & 3;
  const word = inputView.getUint32(start, true);
  let at: number;
  let count: number;
  if (type < 2) {
    const bytes = format === 1 ? 2 : format === 3 ? 3 : 1;
    count = bytes === 1 ? first >> 3 : bytes === 2 ? (word >>> 4) & 0xfff : (word >>> 4) & 0xf_ffff;
    at = start + bytes;
    if (count > maxBlock || at + (type === 0 ? count : 1) > end) throw new ZstdError('the literals are cut');
    if (type === 0) literals.set(input.subarray(at, at + count));
    else literals.fill(input[at] as number, 0, count);
    at += type === 0 ? count : 1;
  } else {
    const bits = format < 2 ? 10 : format === 2 ? 14 : 18;
    const header = format < 2 ? 3 : format === 2 ? 4 : 5;
    count = (word >>> 4) & ((1 << bits) - 1);
    const low = word >>> (4 + bits);
    const packed = bits === 18 ? low | ((input[start + 4] as number) << 10) : low & ((1 << bits) - 1);
    at = start + header;
    if (count > maxBlock || at + packed > end) throw new ZstdError('the literals are cut');
    decodeLiterals(at, at + packed, count, format !== 0, type === 2);
    at += packed;
  }
  return runSequences(tables, input, inputView, at, end, {
    literals,
    literalView,
    literalCount: count,
    out,
    outView,
    at: written,
    frameStart,
    limit,
  });
}

/** One stream, or four behind a table of their lengths. */
function decodeLiterals(start: number, end: number, count: number, four: boolean, fresh: boolean): void {
  let at = start;
  if (fresh) at = readHuffman(huffman, input, inputView, at, end);
  else if (huffman.bits === 0) throw new ZstdError('a block repeats a Huffman tree that no block before it has');
  if (!four) {
    decodeStream(huffman, input, inputView, at, end, literals, 0, count);
    return;
  }
  const part = (count + 3) >> 2;
  let stream = at + 6;
  if (stream > end || part * 3 > count) throw new ZstdError('the literals are cut');
  for (let index = 0; index < 4; index += 1) {
    const length = index < 3 ? inputView.getUint16(at + index * 2, true) : end - stream;
    if (stream + length > end) throw new ZstdError('the literals are cut');
    const from = part * index;
    decodeStream(huffman, input, inputView, stream, stream + length, literals, from, index < 3 ? from + part : count);
    stream += length;
  }
}
