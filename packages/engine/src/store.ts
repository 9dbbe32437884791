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

/** A store of which other threads can read what has been added. */
export interface SharedStore extends StateStore {
  /** What is new since it was asked last. */
  news(): StoreNews;
}

/** Memory of vectors, with its place among them. */
type Chunks = readonly (readonly [place: number, vectors: Int32Array])[];

/** What another thread has to learn about a store since it was told last. */
export interface StoreNews {
  /** The table, if there is another one. */
  readonly table?: Int32Array;
  readonly vectors: Chunks;
  /** What is compared, where that is something else. */
  readonly keys?: Chunks;
  /** Numbers of the vectors are below this one; what is added meanwhile may lie there already, half written. */
  readonly count: number;
}

/** Reads what another thread stores. */
export interface StoreView {
  /** As `find` of the store, of what was there when it was told of. */
  find(words: Int32Array): number;
  read(id: number, into: Int32Array): void;
  learn(news: StoreNews): void;
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
  return storeIn(own, width, matcher);
}

/** The same, in memory that other threads can read. */
export function createSharedStore(width: number, matcher?: Matcher): SharedStore {
  return storeIn(shared, width, matcher);
}

/** Reads a store from another thread. */
export function createStoreView(width: number, matcher?: Matcher): StoreView {
  const compared = createProjection(width, matcher);
  const vectors: Int32Array[] = [];
  const keys = matcher === undefined ? vectors : ([] as Int32Array[]);
  let table = own(1).fill(-1);
  let count = 0;
  return {
    find(words) {
      const key = compared(words);
      const mask = table.length - 1;
      for (let slot = hashOf(key, 0, width) & mask; ; slot = (slot + 1) & mask) {
        const id = table[slot] as number;
        if (id === -1) return -1;
        if (id < count && isAt(keys[id >>> CHUNK_BITS] as Int32Array, (id & (CHUNK - 1)) * width, key)) return id;
      }
    },
    read: (id, into) => readAt(vectors[id >>> CHUNK_BITS] as Int32Array, (id & (CHUNK - 1)) * width, into),
    learn(news) {
      table = news.table ?? table;
      for (const [place, chunk] of news.vectors) vectors[place] = chunk;
      for (const [place, chunk] of news.keys ?? []) keys[place] = chunk;
      count = news.count;
    },
  };
}

type Allocate = (length: number) => Int32Array;
const own: Allocate = (length) => new Int32Array(length);
const shared: Allocate = (length) => new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));

function storeIn(allocate: Allocate, width: number, matcher: Matcher | undefined): SharedStore {
  const vectors = createVectors(width, allocate);
  /** What is compared. */
  const keys = matcher === undefined ? vectors : createVectors(width, allocate);
  const compared = createProjection(width, matcher);
  let table = allocate(1 << 8).fill(-1);
  /** The table that others were told of. */
  let told: Int32Array | undefined;
  let mask = table.length - 1;
  let listed = 0;

  const grow = (): void => {
    const smaller = table;
    table = allocate(smaller.length * 2).fill(-1);
    mask = table.length - 1;
    for (const id of smaller) {
      if (id === -1) continue;
      let slot = hashOf(keys.chunkOf(id), keys.baseOf(id), width) & mask;
      while (table[slot] !== -1) slot = (slot + 1) & mask;
      table[slot] = id;
    }
  };

  /** The slot of the vector that counts as the same, or the free one where it belongs. */
  const slotOf = (words: Int32Array): number => {
    let slot = hashOf(words, 0, width) & mask;
    for (;;) {
      const id = table[slot] as number;
      if (id === -1) return slot;
      if (isAt(keys.chunkOf(id), keys.baseOf(id), words)) return slot;
      slot = (slot + 1) & mask;
    }
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
    read: (id, into) => readAt(vectors.chunkOf(id), vectors.baseOf(id), into),
    news() {
      const news: StoreNews = {
        ...(told === table ? {} : { table }),
        vectors: vectors.news(),
        ...(keys === vectors ? {} : { keys: keys.news() }),
        count: vectors.count(),
      };
      told = table;
      return news;
    },
  };
}

function createProjection(width: number, matcher: Matcher | undefined): (words: Int32Array) => Int32Array {
  if (matcher === undefined) return (words) => words;
  const key = new Int32Array(width);
  return (words) => {
    matcher.project(words, key);
    return key;
  };
}

function isAt(chunk: Int32Array, base: number, words: Int32Array): boolean {
  const width = words.length;
  let index = 0;
  while (index < width && chunk[base + index] === words[index]) index++;
  return index === width;
}

function readAt(chunk: Int32Array, base: number, into: Int32Array): void {
  for (let index = 0; index < into.length; index++) into[index] = chunk[base + index] as number;
}

/** Hash of the vector that begins at `base`. */
export function hashOf(words: Int32Array, base: number, width: number): number {
  let h = 0x2545f491;
  for (let index = 0; index < width; index++) {
    h = Math.imul(h ^ (words[base + index] as number), 0x9e3779b1);
    h ^= h >>> 15;
  }
  h = Math.imul(h, 0x85ebca6b);
  return h ^ (h >>> 13);
}

/** Vectors by number, in chunks. */
function createVectors(width: number, allocate: Allocate) {
  const chunks: Int32Array[] = [];
  const told: Int32Array[] = [];
  let count = 0;
  const baseOf = (id: number): number => (id & (CHUNK - 1)) * width;
  const widenFirstChunk = (states: number): void => {
    const wider = allocate(states * width);
    wider.set(chunks[0] as Int32Array);
    chunks[0] = wider;
  };
  return {
    count: () => count,
    /** Chunks that others were not told of. */
    news(): Chunks {
      const fresh = [...chunks.entries()].filter(([place, chunk]) => told[place] !== chunk);
      for (const [place, chunk] of fresh) told[place] = chunk;
      return fresh;
    },
    bytes: () => chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0),
    chunkOf: (id: number) => chunks[id >>> CHUNK_BITS] as Int32Array,
    baseOf,
    push(words: Int32Array): number {
      const id = count++;
      if ((id & (CHUNK - 1)) === 0) chunks.push(allocate((id === 0 ? FIRST_CHUNK : CHUNK) * width));
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
