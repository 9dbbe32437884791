import type { Matcher } from './matcher.ts';

/** Stores state vectors once each and numbers them in the order in which they came. */
export interface StateStore {
  /** Number of the vector; negative (`~number`) when it, or one that counts as the same, was there before. */
  add(words: Int32Array): number;
  /** Stores a vector beside those that count as the same. */
  append(words: Int32Array): number;
  /** Number of the vector; -1 when it is not there. */
  find(words: Int32Array): number;
  /** Copies a stored vector out. */
  read(id: number, into: Int32Array): void;
  readonly count: number;
  /** Bytes that the stored vectors and the table take. */
  readonly bytes: number;
}

const CHUNK_BITS = 14;
const CHUNK = 1 << CHUNK_BITS;
/** Most models are small: the first chunk doubles until it is as large as the others. */
const FIRST_CHUNK = 1 << 7;

/**
 * Open addressing over typed arrays; vectors lie in chunks, so that growing never copies them. Vectors count as the same
 * when what `matcher` makes of them is; without it, when they are equal.
 */
export function createStore(width: number, matcher?: Matcher): StateStore {
  const vectors = createVectors(width);
  /** What is compared. */
  const keys = matcher === undefined ? vectors : createVectors(width);
  const key = new Int32Array(width);
  let table = new Int32Array(1 << 8).fill(-1);
  let mask = table.length - 1;
  let listed = 0;

  const grow = (): void => {
    const smaller = table;
    table = new Int32Array(smaller.length * 2).fill(-1);
    mask = table.length - 1;
    for (const id of smaller) {
      if (id === -1) continue;
      let slot = hash(keys.chunkOf(id), keys.baseOf(id), width) & mask;
      while (table[slot] !== -1) slot = (slot + 1) & mask;
      table[slot] = id;
    }
  };

  /** The slot of the vector that counts as the same, or the free one where it belongs. */
  const slotOf = (words: Int32Array): number => {
    let slot = hash(words, 0, width) & mask;
    for (;;) {
      const id = table[slot] as number;
      if (id === -1) return slot;
      const chunk = keys.chunkOf(id);
      const base = keys.baseOf(id);
      let index = 0;
      while (index < width && chunk[base + index] === words[index]) index++;
      if (index === width) return slot;
      slot = (slot + 1) & mask;
    }
  };

  const compared = (words: Int32Array): Int32Array => {
    if (matcher === undefined) return words;
    matcher.project(words, key);
    return key;
  };

  const append = (words: Int32Array): number => {
    if (keys !== vectors) keys.push(compared(words));
    return vectors.push(words);
  };

  return {
    get count() {
      return vectors.count();
    },
    get bytes() {
      return vectors.bytes() + (keys === vectors ? 0 : keys.bytes()) + table.byteLength;
    },
    find: (words) => table[slotOf(compared(words))] as number,
    add(words) {
      const slot = slotOf(compared(words));
      const known = table[slot] as number;
      if (known !== -1) return ~known;
      const id = append(words);
      table[slot] = id;
      if (++listed * 3 > table.length * 2) grow();
      return id;
    },
    append,
    read(id, into) {
      const chunk = vectors.chunkOf(id);
      const base = vectors.baseOf(id);
      for (let index = 0; index < width; index++) into[index] = chunk[base + index] as number;
    },
  };
}

function hash(words: Int32Array, base: number, width: number): number {
  let h = 0x2545f491;
  for (let index = 0; index < width; index++) {
    h = Math.imul(h ^ (words[base + index] as number), 0x9e3779b1);
    h ^= h >>> 15;
  }
  h = Math.imul(h, 0x85ebca6b);
  return h ^ (h >>> 13);
}

/** Vectors by number, in chunks. */
function createVectors(width: number) {
  const chunks: Int32Array[] = [];
  let count = 0;
  const baseOf = (id: number): number => (id & (CHUNK - 1)) * width;
  const widenFirstChunk = (states: number): void => {
    const wider = new Int32Array(states * width);
    wider.set(chunks[0] as Int32Array);
    chunks[0] = wider;
  };
  return {
    count: () => count,
    bytes: () => chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0),
    chunkOf: (id: number) => chunks[id >>> CHUNK_BITS] as Int32Array,
    baseOf,
    push(words: Int32Array): number {
      const id = count++;
      if ((id & (CHUNK - 1)) === 0) chunks.push(new Int32Array((id === 0 ? FIRST_CHUNK : CHUNK) * width));
      else if (id >= FIRST_CHUNK && id < CHUNK && (id & (id - 1)) === 0) widenFirstChunk(id * 2);
      (chunks[id >>> CHUNK_BITS] as Int32Array).set(words, baseOf(id));
      return id;
    },
  };
}

/** A growing list of numbers in a typed array. */
export interface NumberList {
  push(value: number): void;
  at(index: number): number;
  set(index: number, value: number): void;
  readonly length: number;
  pop(): number;
}

/** Makes an empty list. */
export function createNumberList(): NumberList {
  let values = new Int32Array(1 << 8);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      if (length === values.length) {
        const larger = new Int32Array(values.length * 2);
        larger.set(values);
        values = larger;
      }
      values[length++] = value;
    },
    at: (index) => values[index] as number,
    set: (index, value) => {
      values[index] = value;
    },
    pop: () => values[--length] as number,
  };
}
