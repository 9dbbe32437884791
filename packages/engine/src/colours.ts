import type { Action } from './actions.ts';
import { type Symmetric, withoutNumbers } from './automorphism.ts';

/**
 * Tells apart what cannot be interchanged: two cells, or two values of a cell, get one colour as long as the actions
 * that use them, the threads that take those and what comes before and after look alike (colour refinement). Equal
 * colours prove nothing; unequal ones rule out.
 */
export interface Colouring {
  readonly cells: Int32Array;
  /** Per cell that holds names: a colour for each value that is stored or asked for. */
  readonly values: readonly (ReadonlyMap<number, number> | undefined)[];
}

/** A cell, or a value of one, to be told apart from all others. */
export interface Point {
  readonly cell: number;
  readonly value?: number;
}

/** Makes a function that refines until nothing more is told apart, from one point told apart at first if given. */
export function createColouring(subject: Symmetric): (apart?: Point) => Colouring {
  const { cells, actions, automata, automatonOf } = subject;
  const names = cellsOfNames(subject);
  const used = automata.map(({ edgeAction }) => countsOf(edgeAction));
  const links = linksOf(subject);
  const cellSeed = cells.map(({ name, max, init }) => mix(hashOf(withoutNumbers(name)), mix(max, init)));
  const automatonSeed = automata.map(({ minimal, edgeAction, detailed }, index) => {
    const members = automatonOf.filter((own) => own === index).length;
    return mix(mix(minimal.states.length, edgeAction.length), mix(members, detailed.passed.length));
  });

  return (apart) => {
    let cell = Int32Array.from(cellSeed, (seed, id) =>
      apart?.cell === id && apart.value === undefined ? mix(seed, APART) : seed,
    );
    let value = cells.map(({ id, init }) =>
      names[id] === undefined
        ? undefined
        : new Map(
            [...(names[id] as ReadonlySet<number>)].map((each) => [
              each,
              mix(each === init ? 1 : 2, apart?.cell === id && apart.value === each ? APART : 0),
            ]),
          ),
    );
    let action = new Int32Array(actions.length);
    let automaton = Int32Array.from(automatonSeed);
    let told = 0;
    for (let round = 0; round < ENOUGH; round++) {
      const worth = (id: number, number: number): number => value[id]?.get(number) ?? mix(number, 3);
      const nextCell = cell.slice();
      const nextValue = value.map((map) => (map === undefined ? undefined : new Map(map)));
      const nextAction = Int32Array.from(actions, (each) => {
        let colour = action[each.id] as number;
        for (const guard of each.when)
          colour = add(
            colour,
            mix(mix(hashOf(guard.is), cell[guard.cell.id] as number), worth(guard.cell.id, guard.value)),
          );
        for (const [place, effect] of each.does.entries()) {
          const what =
            'set' in effect
              ? mix(4, worth(effect.cell.id, effect.set))
              : 'add' in effect
                ? mix(5, effect.add)
                : mix(6, cell[effect.from.id] as number);
          colour = add(colour, mix(mix(place, cell[effect.cell.id] as number), what));
        }
        return colour;
      });
      for (const [index, counts] of used.entries())
        for (const [id, count] of counts)
          nextAction[id] = add(nextAction[id] as number, mix(mix(automaton[index] as number, count), 7));
      for (const { from, to } of links) {
        nextAction[from] = add(nextAction[from] as number, mix(action[to] as number, 8));
        nextAction[to] = add(nextAction[to] as number, mix(action[from] as number, 9));
      }
      automaton = Int32Array.from(used, (counts, index) => {
        let colour = automaton[index] as number;
        for (const [id, count] of counts) colour = add(colour, mix(nextAction[id] as number, count));
        return scramble(colour);
      });
      action = nextAction.map(scramble);
      const touch = (id: number, role: number): void => {
        nextCell[id] = add(nextCell[id] as number, role);
      };
      const name = (id: number, number: number, role: number): void => {
        const map = nextValue[id];
        if (map !== undefined) map.set(number, add(map.get(number) as number, role));
      };
      for (const { id, when, does } of actions as readonly Action[]) {
        const colour = action[id] as number;
        for (const guard of when) {
          const role = mix(colour, hashOf(guard.is));
          touch(guard.cell.id, role);
          name(guard.cell.id, guard.value, role);
        }
        for (const [place, effect] of does.entries()) {
          touch(effect.cell.id, mix(colour, place));
          if ('set' in effect) name(effect.cell.id, effect.set, mix(colour, place));
          else if ('from' in effect) touch(effect.from.id, mix(colour, mix(place, 10)));
        }
      }
      cell = nextCell.map(scramble);
      value = nextValue.map((map, id) =>
        map === undefined
          ? undefined
          : new Map([...map].map(([each, colour]) => [each, mix(colour, cell[id] as number)])),
      );
      const kinds = [cell, action, automaton, ...value.map((map) => map?.values() ?? [])];
      const now = kinds.reduce((sum, each) => sum + new Set(each).size, 0);
      if (now === told) break;
      told = now;
    }
    return { cells: cell, values: value };
  };
}

const APART = 0x5bd1e995;
/** More rounds than any model needs; stopping early only leaves some symmetry unseen. */
const ENOUGH = 100;

/** A cell that is only ever stored into and compared for equality may hold names; the values it can have. */
function cellsOfNames({ cells, actions }: Symmetric): (ReadonlySet<number> | undefined)[] {
  const values = cells.map((cell) => new Set([cell.init]));
  const counts = new Set<number>();
  for (const { when, does } of actions) {
    for (const guard of when) {
      if (guard.is === '==' || guard.is === '!=') values[guard.cell.id]?.add(guard.value);
      else counts.add(guard.cell.id);
    }
    for (const effect of does) {
      if ('set' in effect) values[effect.cell.id]?.add(effect.set);
      else counts.add(effect.cell.id);
      if ('from' in effect) counts.add(effect.from.id);
    }
  }
  return values.map((set, id) => (counts.has(id) ? undefined : set));
}

function countsOf(actions: Int32Array): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const action of actions) counts.set(action, (counts.get(action) ?? 0) + 1);
  return counts;
}

/** Which action can come right after which, in some thread. */
function linksOf({ actions, automata }: Symmetric): readonly { from: number; to: number }[] {
  const seen = new Set<number>();
  for (const { edgeStart, edgeAction, edgeTo } of automata)
    for (const [edge, target] of edgeTo.entries())
      for (let next = edgeStart[target] as number; next < (edgeStart[target + 1] as number); next++)
        seen.add((edgeAction[edge] as number) * actions.length + (edgeAction[next] as number));
  return [...seen].map((key) => ({ from: Math.floor(key / actions.length), to: key % actions.length }));
}

function mix(left: number, right: number): number {
  return scramble(Math.imul(left ^ 0x2545f491, 0x9e3779b1) ^ Math.imul(right + 0x7f4a7c15, 0x85ebca6b));
}

function scramble(value: number): number {
  let h = value ^ (value >>> 15);
  h = Math.imul(h, 0x2c1b3c6d);
  h ^= h >>> 12;
  h = Math.imul(h, 0x297a2d39);
  return h ^ (h >>> 15);
}

/** Order must not matter. */
function add(left: number, right: number): number {
  return (left + right) | 0;
}

function hashOf(text: string): number {
  let h = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) h = Math.imul(h ^ text.charCodeAt(index), 0x01000193);
  return h;
}
