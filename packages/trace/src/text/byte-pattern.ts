/** Bytes that are looked for at one place: four at a time, the last four overlapping those before. */
export class BytePattern {
  readonly length: number;
  readonly #words: Int32Array;
  /** What of the first four counts, where there are fewer. */
  readonly #mask: number;

  /** A text of at least one character. */
  constructor(latin1: string) {
    const bytes = Buffer.from(latin1.padEnd(4, '\0'), 'latin1');
    this.length = latin1.length;
    this.#mask = latin1.length < 4 ? (1 << (latin1.length * 8)) - 1 : -1;
    this.#words = Int32Array.from({ length: Math.ceil(bytes.length / 4) }, (_, at) =>
      bytes.readInt32LE(Math.min(at * 4, bytes.length - 4)),
    );
  }

  /** Whether they stand at `at` and end at `end`, which is inside of the view, or before. */
  standsAt(view: DataView, at: number, end: number): boolean {
    const words = this.#words;
    const last = at + this.length - 4;
    if (last + 4 > end) return false;
    if (last < at) return ((fourAt(view, at) ^ (words[0] as number)) & this.#mask) === 0;
    let from = at;
    for (let word = 0; word < words.length - 1; word += 1) {
      if (view.getInt32(from, true) !== words[word]) return false;
      from += 4;
    }
    return view.getInt32(last, true) === words[words.length - 1];
  }
}

/** Four bytes, or those up to the view's end. */
function fourAt(view: DataView, at: number): number {
  if (at + 4 <= view.byteLength) return view.getInt32(at, true);
  let word = 0;
  for (let from = at; from < view.byteLength; from += 1) word |= view.getUint8(from) << ((from - at) * 8);
  return word;
}

const HIGH_BITS = 0x8080_8080 | 0;

/** How many of four bytes, the first in the lowest bits, stand before the first space; 4 where there is none. */
export function beforeSpace(word: number): number {
  const spaces = word ^ 0x2020_2020;
  // The lowest bit that is set is the first zero byte's, whatever is above it.
  const found = (spaces - 0x0101_0101) & ~spaces & HIGH_BITS;
  return found === 0 ? 4 : (31 - Math.clz32(found & -found)) >> 3;
}
