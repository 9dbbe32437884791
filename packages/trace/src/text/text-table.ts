import type { Tokens } from '../classify/memory/tokens.ts';
import { mixed } from '../mixed.ts';
import { Word } from '../word.ts';
import { beforeSpace } from './byte-pattern.ts';
import type { TextChunk } from './chunk.ts';

const SLOTS = 32_768;
/** Beyond this the table starts again: addresses come and go. */
const MAX_TEXTS = 16_384;
/** Longer texts are no masks, callers or addresses. */
const MAX_LENGTH = 200;

/** Numbers a slot: the text's length with 1 added, or 0 where the slot is empty; its token; and its first bytes. */
const SLOT = 8;
const TOKEN = 1;
const KEY = 2;
/** So many numbers of a text's bytes stand in its slot, which is enough for addresses; the others behind each other. */
const INSIDE = SLOT - KEY;
const MAX_OUTSIDE = MAX_TEXTS * 8;
/** In place of a token that nobody has asked for. */
const UNKNOWN = -2;

const SPACE = 32;
const COMMA = 44;

/**
 * One word, and one token, for each short text that is cut out of a recording again and again; words keep nothing of it
 * alive. What a look-up needs stands together, because most of its time is waiting for memory.
 */
export class TextTable {
  readonly #table = new Int32Array(SLOTS * SLOT);
  /** By slot. */
  #words = empty();
  #size = 0;
  /** Of texts that are longer than a slot: what the slot has no room for, instead of the last number there. */
  readonly #outside = new Int32Array(MAX_OUTSIDE);
  #outsideUsed = 0;
  /** Whose the tokens are. */
  #stamp: object | undefined = undefined;
  /** The text that is looked for: its bytes, four a number, with zeros behind their end. */
  readonly #key = new Int32Array(MAX_LENGTH / 4);
  #keys = 0;
  #length = 0;
  #hash = 0;

  /** The text from `start` up to a space, or up to `end`; a comma at its end is no part of it. */
  value(chunk: TextChunk, start: number, end: number): Word {
    return this.#readValue(chunk, start, end) ? this.#word(chunk, start) : new Word(valueText(chunk, start, end));
  }

  /** The token of its text. */
  token(chunk: TextChunk, start: number, end: number, tokens: Tokens): number {
    if (!this.#readValue(chunk, start, end)) return tokens.ofText(valueText(chunk, start, end));
    if (tokens.stamp !== this.#stamp) this.#forgetTokens(tokens.stamp);
    const slot = this.#find();
    const known = this.#table[slot * SLOT + TOKEN] as number;
    if (this.#table[slot * SLOT] !== 0 && known !== UNKNOWN) return known;
    const word = this.#wordAt(slot, chunk, start);
    const token = tokens.ofWord(word);
    if (this.#words[slot] === word) this.#table[slot * SLOT + TOKEN] = token;
    return token;
  }

  /** The text from `start` to `end`, whatever stands in it. */
  between(chunk: TextChunk, start: number, end: number): Word {
    if (end - start > MAX_LENGTH) return new Word(chunk.copy(start, end));
    this.#read(chunk, start, end);
    return this.#word(chunk, start);
  }

  #word(chunk: TextChunk, start: number): Word {
    return this.#wordAt(this.#find(), chunk, start);
  }

  /** The word of a slot that was found; made when there is none. */
  #wordAt(slot: number, chunk: TextChunk, start: number): Word {
    return this.#words[slot] ?? this.#add(slot, new Word(chunk.copy(start, start + this.#length)));
  }

  /** False when it is too long for the table. */
  #readValue(chunk: TextChunk, start: number, end: number): boolean {
    const { bytes, view } = chunk;
    const key = this.#key;
    const limit = end - start > MAX_LENGTH ? start + MAX_LENGTH : end;
    let at = start;
    let keys = 0;
    let hash = 0;
    let left = 4;
    for (; at + 4 <= limit; at += 4) {
      let word = view.getInt32(at, true);
      left = beforeSpace(word);
      if (left < 4) {
        if (left === 0) break;
        word &= (1 << (left * 8)) - 1;
        at += left - 4;
      }
      key[keys++] = word;
      hash = mixed(hash, word);
      if (left < 4) {
        at += 4;
        break;
      }
    }
    if (left === 4 && at < limit && bytes[at] !== SPACE) {
      let word = 0;
      for (let shift = 0; at < limit && bytes[at] !== SPACE; at += 1, shift += 8)
        word |= (bytes[at] as number) << shift;
      key[keys++] = word;
      hash = mixed(hash, word);
    }
    if (at === limit && limit < end) return false;
    if (at > start && bytes[at - 1] === COMMA) {
      this.#read(chunk, start, at - 1);
      return true;
    }
    this.#keys = keys;
    this.#length = at - start;
    this.#hash = hash;
    return true;
  }

  #read({ bytes, view }: TextChunk, start: number, end: number): void {
    const key = this.#key;
    let keys = 0;
    let hash = 0;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const word = view.getInt32(at, true);
      key[keys++] = word;
      hash = mixed(hash, word);
    }
    if (at < end) {
      let word = 0;
      for (let shift = 0; at < end; at += 1, shift += 8) word |= (bytes[at] as number) << shift;
      key[keys++] = word;
      hash = mixed(hash, word);
    }
    this.#keys = keys;
    this.#length = end - start;
    this.#hash = hash;
  }

  /** The slot of what was read, or an empty one that it may have. */
  #find(): number {
    const table = this.#table;
    const hash = this.#hash;
    const length = this.#length + 1;
    let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    for (;;) {
      const there = table[slot * SLOT];
      if (there === 0 || (there === length && this.#isKeyOf(slot))) return slot;
      slot = (slot + 1) & (SLOTS - 1);
    }
  }

  #isKeyOf(slot: number): boolean {
    const table = this.#table;
    const key = this.#key;
    const keys = this.#keys;
    const from = slot * SLOT + KEY;
    const inside = keys > INSIDE ? INSIDE - 1 : keys;
    for (let at = 0; at < inside; at += 1) if (table[from + at] !== key[at]) return false;
    if (keys <= INSIDE) return true;
    const outside = this.#outside;
    const rest = (table[from + inside] as number) - inside;
    for (let at = inside; at < keys; at += 1) if (outside[rest + at] !== key[at]) return false;
    return true;
  }

  #add(slot: number, word: Word): Word {
    const table = this.#table;
    const keys = this.#keys;
    const inside = keys > INSIDE ? INSIDE - 1 : keys;
    if (this.#size >= MAX_TEXTS || this.#outsideUsed + keys > MAX_OUTSIDE) {
      table.fill(0);
      this.#words = empty();
      this.#size = 0;
      this.#outsideUsed = 0;
      return word;
    }
    const from = slot * SLOT + KEY;
    table[slot * SLOT] = this.#length + 1;
    table[slot * SLOT + TOKEN] = UNKNOWN;
    for (let at = 0; at < inside; at += 1) table[from + at] = this.#key[at] as number;
    if (keys > INSIDE) table[from + inside] = this.#outsideUsed;
    for (let at = inside; at < keys; at += 1) this.#outside[this.#outsideUsed++] = this.#key[at] as number;
    this.#words[slot] = word;
    this.#size += 1;
    return word;
  }

  #forgetTokens(stamp: object): void {
    this.#stamp = stamp;
    for (let at = TOKEN; at < this.#table.length; at += SLOT) this.#table[at] = UNKNOWN;
  }
}

function valueText(chunk: TextChunk, start: number, end: number): string {
  const space = chunk.bytes.indexOf(SPACE, start);
  const stop = space === -1 || space > end ? end : space;
  return chunk.copy(start, chunk.bytes[stop - 1] === COMMA ? stop - 1 : stop);
}

function empty(): (Word | undefined)[] {
  return new Array<Word | undefined>(SLOTS).fill(undefined);
}
