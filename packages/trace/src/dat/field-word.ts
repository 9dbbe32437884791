import type { Tokens } from '../classify/memory/tokens.ts';
import { Word } from '../word.ts';
import type { Field } from './event-format.ts';
import { type EventView, readHigh, readLow, readWord } from './event-view.ts';
import { NOT_FOUND, NumberTable } from './number-table.ts';
import { WordTable } from './word-table.ts';

export type TextOf = (event: EventView) => string | undefined;

/** Texts that depend on more than one number are kept by themselves, and no more of them than this. */
const MAX_TEXTS = 4096;

/**
 * Reads one printed name of one event's format as a word. Where its text depends on one number field only (an address, a
 * mask, a caller), the word is found by that number and nothing is printed again.
 */
export class FieldWord {
  readonly #make: TextOf;
  readonly #offset: number;
  /** 0 when the text depends on more than a number. */
  readonly #size: number;
  readonly #words = new WordTable();
  readonly #tokens = new NumberTable();
  #stamp: object | undefined;
  readonly #byText = new Map<string, Word>();

  constructor(make: TextOf, only: Field | undefined) {
    this.#make = make;
    this.#offset = only?.offset ?? 0;
    this.#size = only?.size ?? 0;
  }

  read(event: EventView): Word | undefined {
    const size = this.#size;
    if (size === 0) return this.#readText(event);
    const high = size === 8 ? readHigh(event, this.#offset) | 0 : 0;
    const low = (size === 8 ? readLow(event, this.#offset) : readWord(event, this.#offset, size)) | 0;
    return this.#words.find(high, low) ?? this.#words.add(high, low, this.#make(event) ?? '');
  }

  /** The number of its text among some tokens; nobody asks for those of two readings. */
  token(event: EventView, tokens: Tokens): number {
    const size = this.#size;
    if (size === 0) return tokens.ofWord(this.#readText(event));
    const high = size === 8 ? readHigh(event, this.#offset) | 0 : 0;
    const low = (size === 8 ? readLow(event, this.#offset) : readWord(event, this.#offset, size)) | 0;
    if (tokens.stamp !== this.#stamp) {
      this.#stamp = tokens.stamp;
      this.#tokens.clear();
    }
    const known = this.#tokens.find(high, low);
    if (known !== NOT_FOUND) return known;
    const token = tokens.ofWord(this.read(event));
    this.#tokens.add(high, low, token);
    return token;
  }

  #readText(event: EventView): Word | undefined {
    const text = this.#make(event);
    if (text === undefined) return undefined;
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const word = new Word(text);
    if (this.#byText.size >= MAX_TEXTS) this.#byText.clear();
    this.#byText.set(text, word);
    return word;
  }
}
