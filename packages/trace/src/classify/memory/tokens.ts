import { Word } from '../../word.ts';

/** Beyond this many different texts everything is forgotten, and learned again. */
const MAX_TEXTS = 65_536;

/** What is absent has a number of its own. */
export const ABSENT = -1;

/** Numbers for texts: equal texts have equal ones, whatever word they stand in. */
export class Tokens {
  #known = new Map<string, number>();
  /** Says which words have a number of ours; the numbers begin again with another one. */
  #stamp: object = {};

  get full(): boolean {
    return this.#known.size >= MAX_TEXTS;
  }

  ofWord(word: Word | undefined): number {
    if (word === undefined) return ABSENT;
    if (word.stamp === this.#stamp) return word.token;
    const token = this.ofText(word.text);
    word.stamp = this.#stamp;
    word.token = token;
    return token;
  }

  ofText(text: string | undefined): number {
    if (text === undefined) return ABSENT;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    // Words are made of texts that keep nothing of the file alive.
    const token = this.#known.size;
    this.#known.set(new Word(text).text, token);
    return token;
  }

  clear(): void {
    this.#known = new Map();
    this.#stamp = {};
  }
}
