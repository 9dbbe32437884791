import type { Alternative, LocalState, System } from '@faultpath/engine';
import type { FaultpathEvent } from '@faultpath/lockdep';
import { eventsIn } from '../judge-model.ts';

type Automaton = System['automata'][number]['detailed'];
type Edge = LocalState['edges'][number];

/**
 * Equal for two systems that do the same to everybody: the same steps in the same order with the same things held, and
 * allocations that get the same masks. When a NOFS or NOIO scope begins and ends, and what an allocation asks for and
 * does not get, is left out: both are seen in the masks, wherever they make a difference.
 */
export function effectsKey(system: System): string {
  const keys = system.automata.map(({ detailed }) => keyOf(detailed));
  const cells = system.model.world.cells.map(({ max, init }) => `${max}/${init}`).join();
  const threads = system.automatonOf.map((at, thread) => `${system.model.threads[thread]?.daemon}${keys[at]}`);
  return [cells, ...threads].join('\n\n');
}

function keyOf({ start, states, passed }: Automaton): string {
  const labels = new Map(states.flatMap(({ edges }) => edges.map((edge) => [edge, edgeLabel(edge)])));
  const classOf = refine(states, labels);
  // Breadth first from the start, so that equal behaviour gives equal numbers.
  const numbers = new Map([[classOf.get(start), 0]]);
  const lines: string[] = [];
  const order = [start];
  for (const state of order) {
    const edges = state.edges.map((edge) => {
      const to = classOf.get(edge.to);
      if (!numbers.has(to)) {
        numbers.set(to, numbers.size);
        order.push(edge.to);
      }
      return `${labels.get(edge)}>${numbers.get(to)}`;
    });
    lines.push(`${stateLabel(state)}{${edges.join('|')}}`);
  }
  return [passed.map(({ event }) => told(event)).join(''), ...lines].join('\n');
}

/** Class of every state, by its future: partition refinement. */
function refine(states: readonly LocalState[], labels: ReadonlyMap<Edge, string>): ReadonlyMap<LocalState, number> {
  let classOf = renumber(states, stateLabel);
  for (let count = 0; ; ) {
    const known = classOf;
    const futureOf = (state: LocalState): string =>
      [known.get(state), ...state.edges.map((edge) => `${labels.get(edge)}>${known.get(edge.to)}`)].join('|');
    classOf = renumber(states, futureOf);
    const now = new Set(classOf.values()).size;
    if (now === count) return classOf;
    count = now;
  }
}

function renumber(
  states: readonly LocalState[],
  label: (state: LocalState) => string,
): ReadonlyMap<LocalState, number> {
  const numbers = new Map<string, number>();
  return new Map(
    states.map((state) => {
      const key = label(state);
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      return [state, number];
    }),
  );
}

function stateLabel({ status, error, op, held }: LocalState): string {
  const holds = held.map(({ object, mode }) => `${object.id}${mode}`);
  return [status, error?.code, op?.name, op?.wants?.object.id, op?.wants?.mode, ...holds].join('~');
}

function edgeLabel({ index, when, does, error, alternative, passed }: Edge): string {
  const guards = when.map(({ cell, is, value }) => `${cell.id}${is}${JSON.stringify(value)}`);
  const effects = does.map(({ cell, ...effect }) => `${cell.id}${JSON.stringify(effect)}`);
  const events = [alternative.event, ...passed.map(({ event }) => event)].map(told);
  return [index, guards.join('&'), effects.join(';'), error?.code, events.join('')].join('~');
}

/** What is told of a step, without what makes no difference by itself. */
function told(event: Alternative['event']): string {
  return (eventsIn(event) as readonly (FaultpathEvent | undefined)[])
    .map((each) => {
      if (each === undefined || (each.type === 'scope' && (each.scope === 'NOFS' || each.scope === 'NOIO'))) return '';
      return JSON.stringify(each.type === 'alloc' ? { ...each, requested: undefined } : each);
    })
    .join('');
}
