const FIRST_SLOTS = 1024;

/**
 * Interns sequences of small integers: the same sequence of held locks always ends at the same node, so that a pattern
 * seen before costs one look-up for each lock held. One table of numbers, because it is asked several times an event.
 */
export class HeldSets {
  #nodes = 1;
  /** Three numbers a slot: node, token, and the node that follows; 0 where the slot is empty. */
  #table = new Int32Array(FIRST_SLOTS * 3);
  #mask = FIRST_SLOTS - 1;

  /** The node that follows `node` by `token`. Node 0 is the empty sequence. */
  step(node: number, token: number): number {
    const table = this.#table;
    const mask = this.#mask;
    let slot = slotOf(node, token) & mask;
    for (;;) {
      const at = slot * 3;
      const next = table[at + 2]!;
      if (next === 0) return this.#add(node, token);
      if (table[at + 1] === token && table[at] === node) return next;
      slot = (slot + 1) & mask;
    }
  }

  #add(node: number, token: number): number {
    if (this.#nodes * 2 > this.#mask) this.#grow();
    const fresh = this.#nodes++;
    this.#put(node, token, fresh);
    return fresh;
  }

  #put(node: number, token: number, next: number): void {
    let slot = slotOf(node, token) & this.#mask;
    while (this.#table[slot * 3 + 2] !== 0) slot = (slot + 1) & this.#mask;
    this.#table.set([node, token, next], slot * 3);
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Int32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let at = 0; at < old.length; at += 3) if (old[at + 2] !== 0) this.#put(old[at]!, old[at + 1]!, old[at + 2]!);
  }
}

function slotOf(node: number, token: number): number {
  const mixed = Math.imul(node, -1_640_531_527) ^ Math.imul(token, 668_265_263);
  return mixed ^ (mixed >>> 15);
}
