/** Bytes that are looked for at one place: four at a time, the last four overlapping those before. */
export class BytePattern {
  readonly length: number;
  readonly #words: Int32Array;

  /** A text of at least four characters. */
  constructor(latin1: string) {
    const bytes = Buffer.from(latin1, 'latin1');
    this.length = bytes.length;
    this.#words = Int32Array.from({ length: Math.ceil(bytes.length / 4) }, (_, at) =>
      bytes.readInt32LE(Math.min(at * 4, bytes.length - 4)),
    );
  }

  /** Whether they stand at `at`; false where the view ends before they would. */
  standsAt(view: DataView, at: number): boolean {
    const words = this.#words;
    const last = at + this.length - 4;
    if (at < 0 || last + 4 > view.byteLength) return false;
    let from = at;
    for (let word = 0; word < words.length - 1; word += 1) {
      if (view.getInt32(from, true) !== words[word]) return false;
      from += 4;
    }
    return view.getInt32(last, true) === words[words.length - 1];
  }
}

const HIGH_BITS = 0x8080_8080 | 0;

/** How many of four bytes, the first in the lowest bits, stand before the first space; 4 where there is none. */
export function beforeSpace(word: number): number {
  const spaces = word ^ 0x2020_2020;
  // The lowest bit that is set is the first zero byte's, whatever is above it.
  const found = (spaces - 0x0101_0101) & ~spaces & HIGH_BITS;
  return found === 0 ? 4 : (31 - Math.clz32(found & -found)) >> 3;
}
