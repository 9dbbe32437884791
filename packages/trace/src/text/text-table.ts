import { Word } from '../word.ts';

const SLOTS = 32_768;
/** Beyond this the table starts again: addresses come and go. */
const MAX_TEXTS = 16_384;
/** Longer texts are no masks, callers or addresses. */
const MAX_LENGTH = 200;

/** One word for each short text that is cut out of a chunk again and again; words don't keep the chunk alive. */
export class TextTable {
  private slots: (Word | undefined)[] = empty();
  private size = 0;

  /** The text at `start` of length `length`. */
  at(chunk: string, start: number, length: number): Word {
    if (length > MAX_LENGTH) return new Word(copyOf(chunk, start, length));
    return this.hashed(chunk, start, length, hashOf(chunk, start, length));
  }

  /** The same for who knows the text's hash: `mixed` of its bytes, four at a time, and of those that are left. */
  hashed(chunk: string, start: number, length: number, hash: number): Word {
    if (length > MAX_LENGTH) return new Word(copyOf(chunk, start, length));
    const { slots } = this;
    let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    for (let word = slots[slot]; word !== undefined; word = slots[slot]) {
      if (word.text.length === length && chunk.startsWith(word.text, start)) return word;
      slot = (slot + 1) & (SLOTS - 1);
    }
    const word = new Word(copyOf(chunk, start, length));
    if (this.size >= MAX_TEXTS) {
      this.slots = empty();
      this.size = 0;
    } else {
      slots[slot] = word;
      this.size += 1;
    }
    return word;
  }
}

/** One step of a text's hash: four of its bytes, the first in the lowest bits, or at the end what is left of them. */
export function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, -1_640_531_527);
  return product ^ (product >>> 15);
}

function hashOf(chunk: string, start: number, length: number): number {
  let hash = 0;
  let word = 0;
  for (let at = 0; at < length; at += 1) {
    word |= chunk.charCodeAt(start + at) << ((at & 3) * 8);
    if ((at & 3) === 3) {
      hash = mixed(hash, word);
      word = 0;
    }
  }
  return mixed(hash, word);
}

function empty(): (Word | undefined)[] {
  return new Array<Word | undefined>(SLOTS).fill(undefined);
}

/** A slice alone would keep the whole chunk. */
function copyOf(chunk: string, start: number, length: number): string {
  return Buffer.from(chunk.slice(start, start + length), 'latin1').toString('latin1');
}
