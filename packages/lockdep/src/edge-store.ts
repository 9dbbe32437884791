import { ClassOrder } from './class-order.ts';
import { type ClassCycle, type CycleEdge, makeCycle } from './cycle.ts';
import type { ClassEdge, DependencyType, Evidence } from './dependency.ts';
import type { LockClass } from './lock-class.ts';

interface StoredEdge extends ClassEdge {
  readonly evidence: Evidence[];
  readonly types: Set<DependencyType>;
  readonly first: Map<DependencyType, Evidence>;
  /** Which of the four state edges are in the order. */
  states: number;
}

/**
 * The edges between classes, and their strong cycles. Every class has two states: wanted by a recursive reader or not.
 * The first is left only by an edge whose holder is exclusive, so a cycle of states is a strong cycle of classes.
 */
export class EdgeStore {
  readonly #order = new ClassOrder();
  readonly #classes: LockClass[] = [];
  readonly #edges: Map<number, StoredEdge>[] = [];
  /** For each class, where its recursively wanted state leads, until somebody wants it so: most never are. */
  readonly #pending: (number[] | undefined)[] = [];
  readonly #closures: { edge: StoredEdge; type: DependencyType }[] = [];

  addClass(lockClass: LockClass): void {
    this.#classes.push(lockClass);
    this.#edges.push(new Map());
    this.#pending.push([]);
    this.#order.addNode();
    this.#order.addNode();
  }

  /** Adds one piece of evidence. Returns a shortest cycle when the edge is the first to close one, else undefined. */
  add(evidence: Evidence): ClassCycle | undefined {
    const { type } = evidence;
    const from = evidence.from.class;
    const to = evidence.to.class;
    let edge = this.#edges[from.index]!.get(to.index);
    if (edge === undefined) {
      edge = { from, to, evidence: [], types: new Set(), first: new Map(), states: 0 };
      this.#edges[from.index]!.set(to.index, edge);
    }
    edge.evidence.push(evidence);
    if (edge.types.has(type)) return undefined;
    edge.types.add(type);
    edge.first.set(type, evidence);

    const target = type.endsWith('R') ? 1 : 0;
    const sources = type.startsWith('E') ? [0, 1] : [0];
    if (target === 1) this.#release(to.index);
    let closed = false;
    for (const source of sources) {
      const bit = 1 << (source * 2 + target);
      if ((edge.states & bit) !== 0) continue;
      edge.states |= bit;
      const pending = source === 1 ? this.#pending[from.index] : undefined;
      if (pending !== undefined) pending.push(to.index * 2 + target);
      else closed = this.#order.addEdge(from.index * 2 + source, to.index * 2 + target) || closed;
    }
    if (!closed) return undefined;
    this.#closures.push({ edge, type });
    return this.shortestCycle(edge, type);
  }

  /** Nothing leads into this state yet, so none of its edges can close a cycle. */
  #release(index: number): void {
    for (const state of this.#pending[index] ?? []) this.#order.addEdge(index * 2 + 1, state);
    this.#pending[index] = undefined;
  }

  get(from: LockClass, to: LockClass): ClassEdge | undefined {
    return this.#edges[from.index]!.get(to.index);
  }

  *all(): IterableIterator<ClassEdge> {
    for (const edges of this.#edges) yield* edges.values();
  }

  *into(to: LockClass): IterableIterator<ClassEdge> {
    for (const edges of this.#edges) {
      const edge = edges.get(to.index);
      if (edge !== undefined) yield edge;
    }
  }

  /** Edges that closed a cycle when they came, in that order. */
  get closures(): readonly { readonly edge: ClassEdge; readonly type: DependencyType }[] {
    return this.#closures;
  }

  /** The shortest strong cycle through an edge used with one of its types, on classes that `pass` accepts. */
  shortestCycle(
    edge: ClassEdge,
    type: DependencyType,
    pass: (lockClass: LockClass) => boolean = () => true,
  ): ClassCycle | undefined {
    if (!pass(edge.from) || !pass(edge.to)) return undefined;
    const start = edge.to.index * 2 + (type.endsWith('R') ? 1 : 0);
    const home = edge.from.index;
    const anyHome = type.startsWith('E');
    const path = this.#order.shortestPath(
      start,
      (state) => state >> 1 === home && (anyHome || (state & 1) === 0),
      (state) => pass(this.#classes[state >> 1]!),
    );
    return path === undefined ? undefined : this.#cycle(edge, type, path);
  }

  /** Strong cycles through an edge, each class once, shortest prefix first; at most `limit`. */
  cyclesThrough(edge: ClassEdge, type: DependencyType, limit: number): ClassCycle[] {
    const home = edge.from.index;
    const anyHome = type.startsWith('E');
    const start = edge.to.index * 2 + (type.endsWith('R') ? 1 : 0);
    const closes = (state: number): boolean => state >> 1 === home && (anyHome || (state & 1) === 0);
    const found = new Map<string, ClassCycle>();
    let steps = 0;
    const queue: number[][] = [[start]];
    for (let head = 0; head < queue.length && found.size < limit && steps < limit * 1000; head++) {
      const path = queue[head]!;
      const last = path[path.length - 1]!;
      if (closes(last)) {
        const cycle = this.#cycle(edge, type, path);
        if (!found.has(cycle.key)) found.set(cycle.key, cycle);
        continue;
      }
      if (last >> 1 === home) continue;
      for (const next of this.#order.successors(last)) {
        steps++;
        if (!path.some((state) => state >> 1 === next >> 1)) queue.push([...path, next]);
      }
    }
    return [...found.values()];
  }

  #cycle(edge: ClassEdge, type: DependencyType, path: readonly number[]): ClassCycle {
    const edges: CycleEdge[] = [{ edge, type, evidence: (edge as StoredEdge).first.get(type)! }];
    for (let i = 0; i + 1 < path.length; i++) {
      const from = path[i]!;
      const to = path[i + 1]!;
      const step = this.#edges[from >> 1]!.get(to >> 1)!;
      const wanted = (to & 1) === 1 ? 'R' : 'N';
      const fits: readonly DependencyType[] = (from & 1) === 1 ? [`E${wanted}`] : [`E${wanted}`, `S${wanted}`];
      const [evidenceType, evidence] = earliest(step, fits);
      edges.push({ edge: step, type: evidenceType, evidence });
    }
    return makeCycle(edges);
  }
}

function earliest(edge: StoredEdge, fits: readonly DependencyType[]): [DependencyType, Evidence] {
  for (const [type, evidence] of edge.first) {
    if (fits.includes(type)) return [type, evidence];
  }
  throw new Error(`no evidence ${fits.join(' or ')} for ${edge.from.id} -> ${edge.to.id}`);
}
