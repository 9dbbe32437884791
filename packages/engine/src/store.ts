/** Stores state vectors once each and numbers them in the order in which they came. */
export interface StateStore {
  /** Number of the vector; negative (`~number`) when it was there before. */
  add(words: Int32Array): number;
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

/** Open addressing over typed arrays; vectors lie in chunks, so that growing never copies them. */
export function createStore(width: number): StateStore {
  const chunks: Int32Array[] = [];
  let table = new Int32Array(1 << 8).fill(-1);
  let mask = table.length - 1;
  let count = 0;

  const hash = (words: Int32Array, base: number): number => {
    let h = 0x2545f491;
    for (let index = 0; index < width; index++) {
      h = Math.imul(h ^ (words[base + index] as number), 0x9e3779b1);
      h ^= h >>> 15;
    }
    h = Math.imul(h, 0x85ebca6b);
    return h ^ (h >>> 13);
  };

  const grow = (): void => {
    const larger = new Int32Array(table.length * 2).fill(-1);
    mask = larger.length - 1;
    for (let id = 0; id < count; id++) {
      let slot = hash(chunks[id >>> CHUNK_BITS] as Int32Array, (id & (CHUNK - 1)) * width) & mask;
      while (larger[slot] !== -1) slot = (slot + 1) & mask;
      larger[slot] = id;
    }
    table = larger;
  };

  const widenFirstChunk = (states: number): void => {
    const wider = new Int32Array(states * width);
    wider.set(chunks[0] as Int32Array);
    chunks[0] = wider;
  };

  return {
    get count() {
      return count;
    },
    get bytes() {
      return chunks.reduce((sum, chunk) => sum + chunk.byteLength, table.byteLength);
    },
    find(words) {
      for (let slot = hash(words, 0) & mask; ; slot = (slot + 1) & mask) {
        const id = table[slot] as number;
        if (id === -1) return -1;
        const chunk = chunks[id >>> CHUNK_BITS] as Int32Array;
        const base = (id & (CHUNK - 1)) * width;
        let index = 0;
        while (index < width && chunk[base + index] === words[index]) index++;
        if (index === width) return id;
      }
    },
    add(words) {
      let slot = hash(words, 0) & mask;
      for (;;) {
        const id = table[slot] as number;
        if (id === -1) break;
        const chunk = chunks[id >>> CHUNK_BITS] as Int32Array;
        const base = (id & (CHUNK - 1)) * width;
        let index = 0;
        while (index < width && chunk[base + index] === words[index]) index++;
        if (index === width) return ~id;
        slot = (slot + 1) & mask;
      }
      const id = count++;
      table[slot] = id;
      if ((id & (CHUNK - 1)) === 0) chunks.push(new Int32Array((id === 0 ? FIRST_CHUNK : CHUNK) * width));
      else if (id >= FIRST_CHUNK && id < CHUNK && (id & (id - 1)) === 0) widenFirstChunk(id * 2);
      (chunks[id >>> CHUNK_BITS] as Int32Array).set(words, (id & (CHUNK - 1)) * width);
      if (count * 3 > table.length * 2) grow();
      return id;
    },
    read(id, into) {
      const chunk = chunks[id >>> CHUNK_BITS] as Int32Array;
      const base = (id & (CHUNK - 1)) * width;
      for (let index = 0; index < width; index++) into[index] = chunk[base + index] as number;
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
