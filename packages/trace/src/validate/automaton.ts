import type { AllocEvent, LockEvent, ScopeEvent } from '@faultpath/lockdep';

/**
 * What validation needs of the automaton of one fault. The types are structural: the engine's learned automata have this
 * shape, and this package depends on no engine.
 */
export interface FaultAutomaton {
  readonly start: AutomatonState;
  /** Steps before the first state. */
  readonly passed: readonly AutomatonStep[];
}

export interface AutomatonState {
  readonly status: 'running' | 'done' | 'error';
  /** Modelled functions, innermost first. */
  readonly backtrace: readonly string[];
  readonly edges: readonly AutomatonEdge[];
}

export interface AutomatonEdge {
  readonly alternative: { readonly event?: unknown };
  readonly error?: unknown;
  readonly to: AutomatonState;
  readonly passed: readonly AutomatonStep[];
}

export interface AutomatonStep {
  readonly event: unknown;
  readonly backtrace: readonly string[];
}

type WithoutTask<E> = E extends unknown ? Omit<E, 'task'> : never;

/** A step of the model that a recording could show. */
export interface ModelStep {
  readonly event: WithoutTask<LockEvent | ScopeEvent | AllocEvent>;
  readonly backtrace: readonly string[];
}

/** A point between two steps of the model. */
export interface Point {
  readonly silent: Point[];
  readonly steps: { readonly step: ModelStep; readonly to: Point }[];
  /** The fault may end here. */
  readonly final: boolean;
}

/**
 * The automaton as points and steps. Guards on shared cells are left out: one task's recording does not tell what others
 * did. Edges that are errors of the model are left out too.
 *
 * @param seen says whether a recording could show the step
 */
export function pointsOf(automaton: FaultAutomaton, seen: (step: ModelStep) => boolean): Point {
  const points = new Map<AutomatonState, Point>();
  const work: AutomatonState[] = [];

  const pointOf = (state: AutomatonState): Point => {
    const known = points.get(state);
    if (known !== undefined) return known;
    const point: Point = { silent: [], steps: [], final: state.status === 'done' };
    points.set(state, point);
    work.push(state);
    return point;
  };

  const chain = (from: Point, steps: readonly ModelStep[], to: Point): void => {
    let at = from;
    for (const [index, step] of steps.entries()) {
      const next = index === steps.length - 1 ? to : { silent: [], steps: [], final: false };
      at.steps.push({ step, to: next });
      at = next;
    }
    if (steps.length === 0) at.silent.push(to);
  };

  const visible = (steps: readonly AutomatonStep[]): readonly ModelStep[] => steps.flatMap(modelSteps).filter(seen);

  const start: Point = { silent: [], steps: [], final: false };
  chain(start, visible(automaton.passed), pointOf(automaton.start));
  for (let state = work.pop(); state !== undefined; state = work.pop()) {
    const from = pointOf(state);
    for (const edge of state.edges) {
      if (edge.error !== undefined) continue;
      const first: AutomatonStep = { event: edge.alternative.event, backtrace: state.backtrace };
      chain(from, visible([first, ...edge.passed]), pointOf(edge.to));
    }
  }
  return start;
}

/** The events of a step that could stand in a recording: one step may take one lock and drop another. */
function modelSteps({ event, backtrace }: AutomatonStep): readonly ModelStep[] {
  const events = Array.isArray(event) ? (event as readonly unknown[]) : [event];
  return events.filter(isComparable).map((each) => ({ event: each, backtrace }));
}

function isComparable(event: unknown): event is ModelStep['event'] {
  const { type, action } = (event ?? {}) as { readonly type?: string; readonly action?: string };
  if (type === 'lock') return action === 'acquired' || action === 'release';
  return type === 'scope' || type === 'alloc';
}

/** Every point that is reached without a step that a recording could show. */
export function reach(from: Iterable<Point>): Set<Point> {
  const found = new Set(from);
  for (const point of found) for (const next of point.silent) found.add(next);
  return found;
}
