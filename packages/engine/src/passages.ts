import { type Action, type Relations, someValuation, standsAlone, tooMany } from './actions.ts';
import type { Bounds } from './bounds.ts';
import type { FlatAutomaton, FlatSystem } from './flat-system.ts';
import { futuresOf } from './futures.ts';
import { guardHolds } from './op.ts';
import type { SearchOptions } from './search-options.ts';
import type { Cell } from './world.ts';

/** Valuations of guards that are tried for one place. */
const VALUATIONS = 4_096;
/** Steps until a thread has given back what it took on its way. */
const LONGEST = 10;

type Shape = Pick<FlatAutomaton, 'states' | 'edgeStart' | 'edgeAction' | 'edgeTo' | 'edgeError'>;

/**
 * Passages: places that a thread always leaves by itself, and whatever way it takes, it is soon at the one place behind,
 * with all shared cells as they were; as a shrinker that tries a lock and finds nothing to do. Nobody waits for what
 * is taken on the way, or is kept from anything by it, as giving it back is independent of all other steps. So a run
 * that passes at once stands for every other. Per place, the place behind; -1 where it is no passage.
 */
export function passagesOf(
  automata: readonly Shape[],
  actions: readonly Action[],
  relations: Relations,
  bounds: Bounds,
): readonly Int32Array[] {
  const free = actions.map(({ id, when }) => when.length === 0 && standsAlone(relations, id));
  return automata.map((automaton) => {
    const { states, edgeStart, edgeAction } = automaton;
    return Int32Array.from({ length: states }, (_, place) => {
      const behind = placeBehind(automaton, place, actions, free, bounds.stays);
      if (behind < 0) return -1;
      const own = edgeAction.subarray(edgeStart[place], edgeStart[place + 1]);
      return neverWaits(
        Array.from(own, (action) => actions[action] as Action),
        bounds,
      )
        ? behind
        : -1;
    });
  });
}

/** The place that all edges lead to, with nothing changed; -1 if there is none. */
function placeBehind(
  { edgeStart, edgeAction, edgeTo, edgeError }: Shape,
  place: number,
  actions: readonly Action[],
  free: readonly boolean[],
  stays: ReadonlySet<Cell>,
): number {
  let behind = -1;
  for (let edge = edgeStart[place] as number; edge < (edgeStart[place + 1] as number); edge++) {
    const sum = new Map<Cell, number>();
    let at = edge;
    for (let length = 0; ; length++) {
      if (length === LONGEST || edgeError[at] === 1) return -1;
      if (!addTo(sum, actions[edgeAction[at] as number] as Action, stays)) return -1;
      const to = edgeTo[at] as number;
      if (sum.size === 0) {
        if (to === place || (behind >= 0 && to !== behind)) return -1;
        behind = to;
        break;
      }
      at = edgeStart[to] as number;
      if (edgeStart[to + 1] !== at + 1 || !(free[edgeAction[at] as number] as boolean)) return -1;
    }
  }
  return behind;
}

/** Adds what an action does to a sum of changes; false for what is no change by a constant, or may end the run. */
function addTo(sum: Map<Cell, number>, { does }: Action, stays: ReadonlySet<Cell>): boolean {
  for (const effect of does) {
    if (!('add' in effect) || !stays.has(effect.cell)) return false;
    const now = (sum.get(effect.cell) ?? 0) + effect.add;
    if (now === 0) sum.delete(effect.cell);
    else sum.set(effect.cell, now);
  }
  return true;
}

/** Is one of the actions enabled whatever the cells are? */
function neverWaits(own: readonly Action[], bounds: Bounds): boolean {
  const [first] = own;
  if (first === undefined) return false;
  const cells = [...new Set(own.flatMap(({ when }) => when.map(({ cell }) => cell)))];
  const ranges = cells.map((cell) => bounds.range(cell, first.id));
  if (tooMany(ranges, VALUATIONS)) return false;
  const at = new Int32Array(Math.max(0, ...cells.map(({ id }) => id + 1)));
  const waits = (): boolean =>
    !own.some(({ when }) => when.every(({ cell, is, value }) => guardHolds(is, at[cell.id] as number, value)));
  return !someValuation(cells, ranges, at, waits);
}

/** Who makes a schedule asks again, for the same places. */
const passing = new WeakMap<FlatSystem, FlatSystem>();

/** The system as a search sees it that goes through passages at once, but not through places that are told apart. */
export function withPassages(
  system: FlatSystem,
  { bisimulation, apart }: Pick<SearchOptions, 'bisimulation' | 'apart'>,
): FlatSystem {
  if (!bisimulation || !system.passages.some((of) => of.some((behind) => behind >= 0))) return system;
  const known = apart === undefined ? passing.get(system) : undefined;
  if (known !== undefined) return known;
  const made: FlatSystem = {
    ...system,
    automata: system.automata.map((automaton, index) => {
      const passes = (system.passages[index] as Int32Array).map((behind, place) =>
        apart?.[index]?.[place] === 1 ? -1 : behind,
      );
      return { ...automaton, passes, futures: futuresOf({ ...automaton, passes }, system.relations.words) };
    }),
  };
  if (apart === undefined) passing.set(system, made);
  return made;
}
