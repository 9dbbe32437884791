import { Word } from '../word.ts';

const FIRST_SLOTS = 64;
/** Beyond this the table starts again: addresses come and go. */
const MAX_WORDS = 16_384;

/** Words by the 64-bit number that they are the text of. */
export class WordTable {
  #high = new Int32Array(FIRST_SLOTS);
  #low = new Int32Array(FIRST_SLOTS);
  #words: (Word | undefined)[] = empty(FIRST_SLOTS);
  #mask = FIRST_SLOTS - 1;
  #size = 0;

  /** Both halves are signed: the engine keeps those without boxing them. */
  find(high: number, low: number): Word | undefined {
    const words = this.#words;
    const lows = this.#low;
    const mask = this.#mask;
    let slot = slotOf(high, low) & mask;
    for (;;) {
      const word = words[slot];
      if (word === undefined || (lows[slot] === low && this.#high[slot] === high)) return word;
      slot = (slot + 1) & mask;
    }
  }

  /** Adds what `find` did not find. */
  add(high: number, low: number, text: string): Word {
    if (this.#size >= MAX_WORDS) this.#restart(FIRST_SLOTS);
    else if (this.#size * 2 > this.#mask) this.#grow();
    const word = new Word(text);
    this.#put(high, low, word);
    return word;
  }

  #put(high: number, low: number, word: Word): void {
    let slot = slotOf(high, low) & this.#mask;
    while (this.#words[slot] !== undefined) slot = (slot + 1) & this.#mask;
    this.#words[slot] = word;
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#size += 1;
  }

  #grow(): void {
    const [words, highs, lows] = [this.#words, this.#high, this.#low];
    this.#restart(words.length * 2);
    for (let slot = 0; slot < words.length; slot += 1) {
      const word = words[slot];
      if (word !== undefined) this.#put(highs[slot] as number, lows[slot] as number, word);
    }
  }

  #restart(slots: number): void {
    this.#words = empty(slots);
    this.#high = new Int32Array(slots);
    this.#low = new Int32Array(slots);
    this.#mask = slots - 1;
    this.#size = 0;
  }
}

function empty(slots: number): (Word | undefined)[] {
  return new Array<Word | undefined>(slots).fill(undefined);
}

/** Addresses differ least in their lowest bits. */
function slotOf(high: number, low: number): number {
  return Math.imul(low ^ (high << 7), -1_640_531_527) >>> 12;
}
