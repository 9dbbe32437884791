import type { Edge, Exploration, LocalState, Passed, System } from '@faultpath/engine';

/** One way of a thread through its automaton, from its first state on. */
export interface TaskPath {
  readonly task: string;
  readonly prologue: readonly Passed[];
  readonly edges: readonly { readonly from: LocalState; readonly edge: Edge }[];
  /** The thread ends here, or starts over; otherwise it is stuck in the last state. */
  readonly complete: boolean;
}

interface Graph {
  readonly task: readonly string[];
  readonly start: LocalState;
  readonly prologue: readonly Passed[];
  readonly edges: Map<LocalState, Edge[]>;
  /** The thread starts over when it has come to its end. */
  readonly repeats: boolean;
}

/**
 * Ways through every thread's automaton that together take each step that exploration took. Rules judge them as they
 * judge a recording; how threads interleave is the engine's business.
 */
export function* taskPaths(exploration: Exploration): Generator<TaskPath> {
  for (const graph of graphsOf(exploration)) {
    const paths = [...coverEdges(graph)];
    for (const task of graph.task) for (const path of paths) yield { task, prologue: graph.prologue, ...path };
  }
}

/** Ways through every automaton of a system that together take each of its steps, also those that no exploration takes. */
export function* automatonPaths(system: System): Generator<TaskPath> {
  for (const [index, { detailed }] of system.automata.entries()) {
    const threads = system.model.threads.filter((_, thread) => system.automatonOf[thread] === index);
    const edges = new Map(detailed.states.map((state) => [state, [...state.edges]]));
    const repeats = threads[0]?.repeat === true;
    const graph = { task: threads.map(({ name }) => name), start: detailed.start, prologue: detailed.passed, edges };
    for (const path of coverEdges({ ...graph, repeats }))
      yield { task: threads[0]?.name ?? '', prologue: detailed.passed, ...path };
  }
}

function graphsOf(exploration: Exploration): readonly Graph[] {
  const graphs = new Map<string, Graph>();
  for (const { threads, passed, start } of exploration.prologues()) {
    const repeats = exploration.system.model.threads.some(
      (thread) => thread.name === threads[0] && thread.repeat === true,
    );
    graphs.set(threads.join(), {
      task: threads,
      start,
      prologue: passed,
      edges: new Map(),
      repeats,
    });
  }
  for (const { threads, from, edge } of exploration.walk()) {
    const { edges } = graphs.get(threads.join()) as Graph;
    const known = edges.get(from);
    if (known === undefined) edges.set(from, [edge]);
    else known.push(edge);
  }
  return [...graphs.values()];
}

type Way = { readonly from: LocalState; readonly edge: Edge };

function* coverEdges(graph: Graph): Generator<Pick<TaskPath, 'edges' | 'complete'>> {
  const { start, edges, repeats } = graph;
  const before = new Map<LocalState, Way>();
  const order = [start];
  for (const from of order) {
    for (const edge of edges.get(from) ?? []) {
      if (edge.to === start || before.has(edge.to)) continue;
      before.set(edge.to, { from, edge });
      order.push(edge.to);
    }
  }
  const ends = (state: LocalState): boolean =>
    (repeats && state === start) || state.status !== 'running' || (edges.get(state)?.length ?? 0) === 0;
  // What comes before the first state is part of the last step, and would look like something left behind.
  const startsOver = (state: LocalState): boolean => repeats && state === start && graph.prologue.length === 0;
  const distance = distances(order, edges, ends);
  const covered = new Set<Edge>();
  for (const from of order) {
    for (const edge of edges.get(from) ?? []) {
      if (covered.has(edge)) continue;
      const path = prefixTo(from, before);
      path.push({ from, edge });
      let at = edge.to;
      while (!ends(at)) {
        const next = nextEdge(edges.get(at) as Edge[], covered, distance);
        if (next === undefined) break;
        path.push({ from: at, edge: next });
        covered.add(next);
        at = next.to;
      }
      for (const step of path) covered.add(step.edge);
      yield { edges: path, complete: startsOver(at) || at.status === 'done' };
    }
  }
  if (edges.size === 0) yield { edges: [], complete: start.status === 'done' };
}

function prefixTo(state: LocalState, before: ReadonlyMap<LocalState, Way>): Way[] {
  const way: Way[] = [];
  for (let step = before.get(state); step !== undefined; step = before.get(step.from)) way.push(step);
  return way.reverse();
}

/** New steps first; then the shortest way to an end. None is left where a thread goes round and never starts over. */
function nextEdge(
  choices: readonly Edge[],
  covered: ReadonlySet<Edge>,
  distance: ReadonlyMap<LocalState, number>,
): Edge | undefined {
  const fresh = choices.find((edge) => !covered.has(edge));
  if (fresh !== undefined) return fresh;
  const far = (edge: Edge): number => distance.get(edge.to) ?? Number.POSITIVE_INFINITY;
  const nearest = choices.reduce((best, edge) => (far(edge) < far(best) ? edge : best));
  return far(nearest) === Number.POSITIVE_INFINITY ? undefined : nearest;
}

function distances(
  states: readonly LocalState[],
  edges: ReadonlyMap<LocalState, readonly Edge[]>,
  ends: (state: LocalState) => boolean,
): ReadonlyMap<LocalState, number> {
  const back = new Map<LocalState, LocalState[]>();
  const distance = new Map<LocalState, number>();
  const all = new Set(states);
  for (const from of states)
    for (const edge of edges.get(from) ?? []) {
      all.add(edge.to);
      back.set(edge.to, [...(back.get(edge.to) ?? []), from]);
    }
  const queue = [...all].filter(ends);
  for (const end of queue) distance.set(end, 0);
  for (const state of queue) {
    for (const from of back.get(state) ?? []) {
      if (distance.has(from)) continue;
      distance.set(from, (distance.get(state) as number) + 1);
      queue.push(from);
    }
  }
  return distance;
}
