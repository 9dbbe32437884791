import type { Word } from '../../word.ts';

/** Beyond this many different texts everything is forgotten, and learned again. */
const MAX_TEXTS = 65_536;

const PLAIN = /^(?:0x)?[0-9a-f]+$/;

/** What is absent has a number of its own. */
export const ABSENT = -1;

/** Numbers for texts: equal texts have equal ones, whatever word they stand in. */
export class Tokens {
  #known = new Map<string, number>();
  /** Says which words have a number of ours; the numbers begin again with another one. */
  stamp: object = {};
  /** Which texts are addresses or numbers, and no names that anybody would know. */
  readonly #plain = new Uint8Array(MAX_TEXTS);

  get full(): boolean {
    return this.#known.size >= MAX_TEXTS;
  }

  ofWord(word: Word | undefined): number {
    if (word === undefined) return ABSENT;
    if (word.stamp === this.stamp) return word.token;
    const token = this.ofText(word.text);
    word.stamp = this.stamp;
    word.token = token;
    return token;
  }

  ofText(text: string | undefined): number {
    if (text === undefined) return ABSENT;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const token = this.#known.size;
    // A copy: the text may be part of a chunk of the file.
    this.#known.set(` ${text}`.slice(1), token);
    if (token < MAX_TEXTS) this.#plain[token] = Number(PLAIN.test(text));
    return token;
  }

  isPlain(token: number): boolean {
    return token >= 0 && this.#plain[token] === 1;
  }

  clear(): void {
    this.#known = new Map();
    this.stamp = {};
  }
}
