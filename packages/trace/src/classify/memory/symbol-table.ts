import { mixed } from '../../mixed.ts';

const FIRST_SLOTS = 4096;

/** Numbers a slot: the symbol, or 0 where the slot is empty; how many tokens it has; and the tokens. */
const SLOT = 8;
const TOKENS = 2;
/** Tokens in one slot. What has more has a symbol for the first of them, with which the next slot begins. */
const MAX_TOKENS = SLOT - TOKENS;

/**
 * A number for each row of tokens, from 1 on. A row is found in one look-up that mostly waits for one piece of memory: it is
 * asked for each event of a recording.
 */
export class SymbolTable {
  #table = new Int32Array(FIRST_SLOTS * SLOT);
  #mask = FIRST_SLOTS - 1;
  #symbols = 0;
  readonly #row = new Int32Array(MAX_TOKENS);
  #length = 0;
  /** 1 where the row goes on from another one, so that it is not mistaken for one that begins so. */
  #later = 0;

  /** The number of the newest symbol. */
  get symbols(): number {
    return this.#symbols;
  }

  /** Begins a row. */
  begin(token: number): void {
    this.#row[0] = token;
    this.#length = 1;
    this.#later = 0;
  }

  add(token: number): void {
    if (this.#length === MAX_TOKENS) {
      this.#row[0] = this.end();
      this.#length = 1;
      this.#later = 1;
    }
    this.#row[this.#length] = token;
    this.#length += 1;
  }

  /** The symbol of the row. */
  end(): number {
    const row = this.#row;
    const length = this.#length;
    let hash = this.#later;
    for (let at = 0; at < length; at += 1) hash = mixed(hash, row[at] as number);
    const table = this.#table;
    const mask = this.#mask;
    const kind = length * 2 + this.#later;
    let slot = hash & mask;
    for (;;) {
      const from = slot * SLOT;
      const symbol = table[from] as number;
      if (symbol === 0) return this.#add(from, kind);
      if (table[from + 1] === kind) {
        let at = 0;
        while (at < length && table[from + TOKENS + at] === row[at]) at += 1;
        if (at === length) return symbol;
      }
      slot = (slot + 1) & mask;
    }
  }

  clear(): void {
    this.#restart(FIRST_SLOTS);
    this.#symbols = 0;
  }

  #add(from: number, kind: number): number {
    this.#symbols += 1;
    const table = this.#table;
    table[from] = this.#symbols;
    table[from + 1] = kind;
    table.set(this.#row, from + TOKENS);
    if (this.#symbols * 2 > this.#mask) this.#grow();
    return this.#symbols;
  }

  #restart(slots: number): void {
    this.#table = new Int32Array(slots * SLOT);
    this.#mask = slots - 1;
  }

  #grow(): void {
    const old = this.#table;
    this.#restart((this.#mask + 1) * 2);
    for (let from = 0; from < old.length; from += SLOT) {
      if (old[from] === 0) continue;
      const kind = old[from + 1] as number;
      let hash = kind & 1;
      for (let at = 0; at < kind >> 1; at += 1) hash = mixed(hash, old[from + TOKENS + at] as number);
      let slot = hash & this.#mask;
      while (this.#table[slot * SLOT] !== 0) slot = (slot + 1) & this.#mask;
      this.#table.set(old.subarray(from, from + SLOT), slot * SLOT);
    }
  }
}
