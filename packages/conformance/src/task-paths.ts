import type { Edge, Exploration, LocalState, Passed, System } from '@faultpath/engine';

/** One way of a thread through its automaton, from its first state on. */
export interface TaskPath {
  readonly task: string;
  readonly prologue: readonly Passed[];
  readonly edges: readonly { readonly from: LocalState; readonly edge: Edge }[];
  /** The thread ends here, or starts over; otherwise it is stuck in the last state. */
  readonly complete: boolean;
  /** Of a thread that starts over: so many of the last folded steps come before that. */
  readonly startsOver?: number;
}

interface Graph {
  readonly task: readonly string[];
  readonly start: LocalState;
  readonly prologue: readonly Passed[];
  readonly edges: Map<LocalState, Edge[]>;
}

/** Which steps: those that runs take, only the certain ones, or with them those that only another search could rule out. */
export type Steps = 'walk' | 'sureWalk' | 'mayWalk';

/**
 * Ways through every thread's automaton that together take each step that exploration took. Rules judge them as they
 * judge a recording; how threads interleave is the engine's business.
 */
export function* taskPaths(exploration: Exploration, steps: Steps = 'walk'): Generator<TaskPath> {
  for (const graph of graphsOf(exploration, steps)) {
    const paths = [...coverEdges(graph)];
    for (const task of graph.task) for (const path of paths) yield { task, prologue: graph.prologue, ...path };
  }
}

/** Ways through every automaton of a system that together take each of its steps, also those that no exploration takes. */
export function* automatonPaths(system: System): Generator<TaskPath> {
  for (const [index, { detailed }] of system.automata.entries()) {
    const threads = system.model.threads.filter((_, thread) => system.automatonOf[thread] === index);
    const edges = new Map(detailed.states.map((state) => [state, [...state.edges]]));
    const graph = { task: threads.map(({ name }) => name), start: detailed.start, prologue: detailed.passed, edges };
    for (const path of coverEdges(graph)) yield { task: threads[0]?.name ?? '', prologue: detailed.passed, ...path };
  }
}

function graphsOf(exploration: Exploration, steps: Steps): readonly Graph[] {
  const graphs = new Map<string, Graph>();
  for (const { threads, passed, start } of exploration.prologues()) {
    graphs.set(threads.join(), { task: threads, start, prologue: passed, edges: new Map() });
  }
  for (const { threads, from, edge } of exploration[steps]()) {
    const { edges } = graphs.get(threads.join()) as Graph;
    const known = edges.get(from);
    if (known === undefined) edges.set(from, [edge]);
    else known.push(edge);
  }
  return [...graphs.values()];
}

type Way = { readonly from: LocalState; readonly edge: Edge };

function* coverEdges({ start, edges }: Graph): Generator<Pick<TaskPath, 'edges' | 'complete' | 'startsOver'>> {
  const before = new Map<LocalState, Way>();
  const order = [start];
  for (const from of order) {
    for (const edge of edges.get(from) ?? []) {
      if (edge.to === start || before.has(edge.to)) continue;
      before.set(edge.to, { from, edge });
      order.push(edge.to);
    }
  }
  const distance = distances(order, edges);
  const covered = new Set<Edge>();
  for (const from of order) {
    for (const edge of edges.get(from) ?? []) {
      if (covered.has(edge)) continue;
      const path = prefixTo(from, before);
      path.push({ from, edge });
      let last = edge;
      while (last.startsOver === undefined && last.to.status === 'running') {
        const next = nextEdge(edges.get(last.to) ?? [], covered, distance);
        if (next === undefined) break;
        path.push({ from: last.to, edge: next });
        covered.add(next);
        last = next;
      }
      for (const step of path) covered.add(step.edge);
      const { startsOver, to } = last;
      yield {
        edges: path,
        complete: startsOver !== undefined || to.status === 'done',
        ...(startsOver === undefined ? {} : { startsOver }),
      };
    }
  }
  if (edges.size === 0) yield { edges: [], complete: start.status === 'done' };
}

function prefixTo(state: LocalState, before: ReadonlyMap<LocalState, Way>): Way[] {
  const way: Way[] = [];
  for (let step = before.get(state); step !== undefined; step = before.get(step.from)) way.push(step);
  return way.reverse();
}

/** New steps first; then the shortest way to an end. None is left where a thread is stuck, or goes round for ever. */
function nextEdge(
  choices: readonly Edge[],
  covered: ReadonlySet<Edge>,
  distance: ReadonlyMap<LocalState, number>,
): Edge | undefined {
  const fresh = choices.find((edge) => !covered.has(edge));
  if (fresh !== undefined) return fresh;
  const far = (edge: Edge): number =>
    edge.startsOver === undefined ? (distance.get(edge.to) ?? Number.POSITIVE_INFINITY) : 0;
  const [first, ...rest] = choices;
  if (first === undefined) return undefined;
  const nearest = rest.reduce((best, edge) => (far(edge) < far(best) ? edge : best), first);
  return far(nearest) === Number.POSITIVE_INFINITY ? undefined : nearest;
}

/** Steps from each state to the nearest end: the thread's, its beginning again, or where it is stuck. */
function distances(
  states: readonly LocalState[],
  edges: ReadonlyMap<LocalState, readonly Edge[]>,
): ReadonlyMap<LocalState, number> {
  const back = new Map<LocalState, LocalState[]>();
  const distance = new Map<LocalState, number>();
  const all = new Set(states);
  const queue: LocalState[] = [];
  const reach = (state: LocalState, steps: number): void => {
    if (distance.has(state)) return;
    distance.set(state, steps);
    queue.push(state);
  };
  for (const from of states)
    for (const edge of edges.get(from) ?? []) {
      all.add(edge.to);
      back.set(edge.to, [...(back.get(edge.to) ?? []), from]);
    }
  for (const state of all) if (state.status !== 'running' || (edges.get(state)?.length ?? 0) === 0) reach(state, 0);
  for (const state of states) if (edges.get(state)?.some(({ startsOver }) => startsOver !== undefined)) reach(state, 1);
  for (const state of queue) for (const from of back.get(state) ?? []) reach(from, (distance.get(state) as number) + 1);
  return distance;
}
