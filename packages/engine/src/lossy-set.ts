import { hashOf } from './store.ts';

/** A set of state vectors that forgets: of two that fall to the same place, the last one stays. */
export interface LossySet {
  has(words: Int32Array): boolean;
  add(words: Int32Array): void;
}

/** Makes an empty set with `2 ** bits` places. */
export function createLossySet(width: number, bits: number): LossySet {
  const hashes = new Int32Array(1 << bits);
  const vectors = new Int32Array(width << bits);
  const places = hashes.length - 1;
  // A place that is free has hash 0.
  const markOf = (words: Int32Array): number => hashOf(words, 0, width) | 1;
  return {
    has(words) {
      const mark = markOf(words);
      const place = (mark >>> 1) & places;
      if (hashes[place] !== mark) return false;
      const base = place * width;
      for (let index = 0; index < width; index++) if (vectors[base + index] !== words[index]) return false;
      return true;
    },
    add(words) {
      const mark = markOf(words);
      const place = (mark >>> 1) & places;
      hashes[place] = mark;
      vectors.set(words, place * width);
    },
  };
}
