/**
 * A directed graph that keeps a topological order of its nodes while edges arrive (after Pearce and Kelly: only the
 * nodes between the two ends of an edge that points backwards are moved). An edge that would close a cycle is kept
 * apart and reported, so that the order stays one and later cycles are still found.
 */
export class ClassOrder {
  readonly #out: number[][] = [];
  readonly #in: number[][] = [];
  readonly #position: number[] = [];
  readonly #closing = new Map<number, number[]>();
  readonly #mark: number[] = [];
  #stamp = 0;

  addNode(): number {
    const node = this.#out.length;
    this.#out.push([]);
    this.#in.push([]);
    this.#position.push(node);
    this.#mark.push(0);
    return node;
  }

  /** Adds an edge that is not there yet. Returns whether it lies on a cycle. */
  addEdge(from: number, to: number): boolean {
    if (this.#position[from]! < this.#position[to]!) {
      this.#link(from, to);
      return this.#comesBack(from, to);
    }
    const forward = from === to ? undefined : this.#forward(to, from);
    if (forward === undefined) {
      const targets = this.#closing.get(from);
      if (targets === undefined) this.#closing.set(from, [to]);
      else targets.push(to);
      return true;
    }
    this.#reorder(this.#backward(from, to), forward);
    this.#link(from, to);
    return this.#comesBack(from, to);
  }

  /** Every successor, whether or not its edge closes a cycle. */
  *successors(node: number): Iterable<number> {
    yield* this.#out[node]!;
    const closing = this.#closing.get(node);
    if (closing !== undefined) yield* closing;
  }

  /** Fewest edges from `start` to a node that `found` accepts; `pass` says which nodes may be stepped on. */
  shortestPath(
    start: number,
    found: (node: number) => boolean,
    pass: (node: number) => boolean = () => true,
  ): readonly number[] | undefined {
    const parent = new Map<number, number>([[start, -1]]);
    const queue = [start];
    for (let head = 0; head < queue.length; head++) {
      const node = queue[head]!;
      if (found(node)) {
        const path = [];
        for (let at = node; at !== -1; at = parent.get(at)!) path.push(at);
        return path.reverse();
      }
      for (const next of this.successors(node)) {
        if (parent.has(next) || !pass(next)) continue;
        parent.set(next, node);
        queue.push(next);
      }
    }
    return undefined;
  }

  /** Through an earlier closing edge, an edge that agrees with the order can lie on a cycle too. */
  #comesBack(from: number, to: number): boolean {
    let leaves = false;
    let enters = false;
    // All other edges lead forwards: the way back has to leave through a closing edge from behind `to`, and to come in by
    // one that ends before `from`.
    for (const [tail, heads] of this.#closing) {
      for (const head of heads) {
        if (head === tail) continue;
        leaves ||= this.#position[tail]! >= this.#position[to]!;
        enters ||= this.#position[head]! <= this.#position[from]!;
      }
    }
    return leaves && enters && this.shortestPath(to, (node) => node === from) !== undefined;
  }

  #link(from: number, to: number): void {
    this.#out[from]!.push(to);
    this.#in[to]!.push(from);
  }

  /** Nodes reachable from `start` up to `last`'s place; undefined when `last` is among them. */
  #forward(start: number, last: number): number[] | undefined {
    const limit = this.#position[last]!;
    return this.#reach(start, this.#out, (node) => this.#position[node]! <= limit, last);
  }

  #backward(start: number, first: number): number[] {
    const limit = this.#position[first]!;
    return this.#reach(start, this.#in, (node) => this.#position[node]! >= limit, -1) ?? [];
  }

  #reach(start: number, edges: number[][], inside: (node: number) => boolean, stop: number): number[] | undefined {
    const stamp = ++this.#stamp;
    const seen = [start];
    this.#mark[start] = stamp;
    for (let head = 0; head < seen.length; head++) {
      for (const next of edges[seen[head]!]!) {
        if (next === stop) return undefined;
        if (this.#mark[next] === stamp || !inside(next)) continue;
        this.#mark[next] = stamp;
        seen.push(next);
      }
    }
    return seen;
  }

  /** Puts everything behind the edge before everything in front of it, using the places they already have. */
  #reorder(behind: number[], ahead: number[]): void {
    const byPosition = (a: number, b: number): number => this.#position[a]! - this.#position[b]!;
    const nodes = [...behind.sort(byPosition), ...ahead.sort(byPosition)];
    const places = nodes.map((node) => this.#position[node]!).sort((a, b) => a - b);
    nodes.forEach((node, index) => {
      this.#position[node] = places[index]!;
    });
  }
}
