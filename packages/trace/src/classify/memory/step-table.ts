const FIRST_SLOTS = 4096;

/**
 * Walks of a tree whose branches are numbers, in one table of numbers: node and token lead to the node that follows. Asked
 * some times for each event of a recording.
 */
export class StepTable {
  /** Three numbers a slot: node, token, and the node that follows; 0 where the slot is empty. */
  #table = new Int32Array(FIRST_SLOTS * 3);
  #mask = FIRST_SLOTS - 1;
  #steps = 0;
  #nodes: number;
  readonly #roots: number;

  /** Nodes 1 to `roots` are there from the start. */
  constructor(roots: number) {
    this.#roots = roots;
    this.#nodes = roots;
  }

  /** The number of the newest node. */
  get nodes(): number {
    return this.#nodes;
  }

  /** The node that follows; 0 when nobody has gone there yet. Nothing follows node 0. */
  find(node: number, token: number): number {
    const table = this.#table;
    const mask = this.#mask;
    let slot = slotOf(node, token) & mask;
    for (;;) {
      const at = slot * 3;
      const next = table[at + 2] as number;
      if (next === 0 || (table[at + 1] === token && table[at] === node)) return next;
      slot = (slot + 1) & mask;
    }
  }

  /** The same, and makes the node when it is not there. */
  step(node: number, token: number): number {
    const known = this.find(node, token);
    if (known !== 0) return known;
    if (this.#steps * 2 > this.#mask) this.#grow();
    this.#nodes += 1;
    this.#put(node, token, this.#nodes);
    return this.#nodes;
  }

  clear(): void {
    this.#table = new Int32Array(FIRST_SLOTS * 3);
    this.#mask = FIRST_SLOTS - 1;
    this.#steps = 0;
    this.#nodes = this.#roots;
  }

  #put(node: number, token: number, next: number): void {
    const table = this.#table;
    let slot = slotOf(node, token) & this.#mask;
    while (table[slot * 3 + 2] !== 0) slot = (slot + 1) & this.#mask;
    table[slot * 3] = node;
    table[slot * 3 + 1] = token;
    table[slot * 3 + 2] = next;
    this.#steps += 1;
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Int32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    this.#steps = 0;
    for (let at = 0; at < old.length; at += 3) {
      const next = old[at + 2] as number;
      if (next !== 0) this.#put(old[at] as number, old[at + 1] as number, next);
    }
  }
}

function slotOf(node: number, token: number): number {
  const mixed = Math.imul(node, -1_640_531_527) ^ Math.imul(token, 668_265_263);
  return mixed ^ (mixed >>> 15);
}
