const FIRST_SLOTS = 32;
/** Beyond this the table starts again: addresses come and go. */
const MAX_NUMBERS = 16_384;

/** In place of a small number that nobody has put there. */
export const NOT_FOUND = -2;

/** Small numbers, -1 or more, by 64-bit numbers. */
export class NumberTable {
  /** Three numbers a slot: both halves of the key, and the number with 2 added; 0 where the slot is empty. */
  #table = new Int32Array(FIRST_SLOTS * 3);
  #mask = FIRST_SLOTS - 1;
  #size = 0;

  /** Both halves are signed. */
  find(high: number, low: number): number {
    const table = this.#table;
    const mask = this.#mask;
    let slot = slotOf(high, low) & mask;
    for (;;) {
      const at = slot * 3;
      const value = table[at + 2] as number;
      if (value === 0 || (table[at] === low && table[at + 1] === high)) return value + NOT_FOUND;
      slot = (slot + 1) & mask;
    }
  }

  /** Adds what `find` did not find. */
  add(high: number, low: number, value: number): void {
    if (this.#size >= MAX_NUMBERS) this.clear();
    else if (this.#size * 2 > this.#mask) this.#grow();
    this.#put(high, low, value - NOT_FOUND);
  }

  clear(): void {
    this.#restart(FIRST_SLOTS);
  }

  #put(high: number, low: number, stored: number): void {
    const table = this.#table;
    let slot = slotOf(high, low) & this.#mask;
    while (table[slot * 3 + 2] !== 0) slot = (slot + 1) & this.#mask;
    table[slot * 3] = low;
    table[slot * 3 + 1] = high;
    table[slot * 3 + 2] = stored;
    this.#size += 1;
  }

  #grow(): void {
    const old = this.#table;
    this.#restart((this.#mask + 1) * 2);
    for (let at = 0; at < old.length; at += 3) {
      const stored = old[at + 2] as number;
      if (stored !== 0) this.#put(old[at + 1] as number, old[at] as number, stored);
    }
  }

  #restart(slots: number): void {
    this.#table = new Int32Array(slots * 3);
    this.#mask = slots - 1;
    this.#size = 0;
  }
}

/** Addresses differ least in their lowest bits. */
function slotOf(high: number, low: number): number {
  return Math.imul(low ^ (high << 7), -1_640_531_527) >>> 12;
}
