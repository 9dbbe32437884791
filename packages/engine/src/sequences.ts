const FIRST_SLOTS = 256;

/** Numbers sequences of whole numbers: one number for each sequence, and the number of each of its beginnings. */
export interface Sequences {
  /** The sequence `start`, and then `next`. The empty one is 0. */
  step(start: number, next: number): number;
}

/** No text is made for a sequence: one table of numbers, three a slot. */
export function createSequences(): Sequences {
  let count = 1;
  let mask = FIRST_SLOTS - 1;
  let table = new Int32Array(FIRST_SLOTS * 3);

  const put = (start: number, next: number, number: number): void => {
    let slot = slotOf(start, next) & mask;
    while (table[slot * 3 + 2] !== 0) slot = (slot + 1) & mask;
    table[slot * 3] = start;
    table[slot * 3 + 1] = next;
    table[slot * 3 + 2] = number;
  };
  const grow = (): void => {
    const old = table;
    mask = mask * 2 + 1;
    table = new Int32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 3)
      if (old[at + 2] !== 0) put(old[at] as number, old[at + 1] as number, old[at + 2] as number);
  };

  return {
    step(start, next) {
      for (let slot = slotOf(start, next) & mask; ; slot = (slot + 1) & mask) {
        const number = table[slot * 3 + 2] as number;
        if (number === 0) break;
        if (table[slot * 3] === start && table[slot * 3 + 1] === next) return number;
      }
      if (count * 2 > mask) grow();
      put(start, next, count);
      return count++;
    },
  };
}

function slotOf(start: number, next: number): number {
  const mixed = Math.imul(start, -1_640_531_527) ^ Math.imul(next, 668_265_263);
  return mixed ^ (mixed >>> 15);
}
