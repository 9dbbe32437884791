/**
 * Interns sequences of small integers: the same sequence of held locks always ends at the same node, so that a pattern
 * seen before costs one look-up for each lock held.
 */
export class HeldSets {
  readonly #children: Map<number, number>[] = [new Map()];

  /** The node that follows `node` by `token`. Node 0 is the empty sequence. */
  step(node: number, token: number): number {
    const children = this.#children[node]!;
    const known = children.get(token);
    if (known !== undefined) return known;
    const fresh = this.#children.length;
    this.#children.push(new Map());
    children.set(token, fresh);
    return fresh;
  }
}
