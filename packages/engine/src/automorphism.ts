import { type Action, createActionTable } from './actions.ts';
import type { CompiledAutomaton } from './system.ts';
import type { SharedEffect, SharedGuard } from './unfold.ts';
import { valueKey } from './value.ts';
import type { Cell } from './world.ts';

/** What symmetry is read off. */
export interface Symmetric {
  readonly cells: readonly Cell[];
  readonly actions: readonly Action[];
  readonly automata: readonly Omit<CompiledAutomaton, 'futures'>[];
  readonly automatonOf: readonly number[];
  /** Threads that may wait for ever. */
  readonly daemons: readonly boolean[];
}

/** Other names for the shared cells, and for the values of those that hold names, such as an owner. */
export interface Renaming {
  /** Cell that takes the place of each cell. */
  readonly cells: Int32Array;
  /** Per cell: the value that takes the place of each value; undefined where all stay. */
  readonly values: readonly (Int32Array | undefined)[];
}

/**
 * A way to rename threads, control states and cells that nobody could notice: it takes runs to runs and keeps the first
 * state. Verified edge by edge, whoever proposed it.
 */
export interface Automorphism extends Renaming {
  /** Thread that takes the place of each thread. */
  readonly threads: Int32Array;
  /** Per automaton: the control state that takes the place of each; undefined where the automaton stays as it is. */
  readonly states: readonly (Int32Array | undefined)[];
  /** Per automaton: the edge that takes the place of each; undefined likewise. */
  readonly edges: readonly (Int32Array | undefined)[];
}

/** Makes a judge of renamings: gives the automorphism that one belongs to, or undefined when there is none. */
export function createVerifier(subject: Symmetric): (renaming: Renaming) => Automorphism | undefined {
  const { cells, actions, automata, automatonOf, daemons } = subject;
  const table = createActionTable();
  for (const action of actions) table.intern(action.when, action.does);
  const members = automata.map((_, index) => automatonOf.flatMap((own, thread) => (own === index ? [thread] : [])));
  const shapes = automata.map(() => new Map<number, string>());

  const shapeOf = (automaton: number, state: number): string => {
    const known = shapes[automaton]?.get(state);
    if (known !== undefined) return known;
    const shape = shapeOfState(automata[automaton] as Symmetric['automata'][number], state);
    shapes[automaton]?.set(state, shape);
    return shape;
  };

  const imagesOf = ({ cells: to, values }: Renaming): Int32Array | undefined => {
    const cell = (old: Cell): Cell => cells[to[old.id] as number] as Cell;
    const value = (old: Cell, number: number): number => values[old.id]?.[number] ?? number;
    const images = new Int32Array(actions.length);
    for (const action of actions) {
      const image = table.intern(
        action.when.map(
          (guard): SharedGuard => ({ ...guard, cell: cell(guard.cell), value: value(guard.cell, guard.value) }),
        ),
        action.does.map(
          (effect): SharedEffect =>
            'set' in effect
              ? { cell: cell(effect.cell), set: value(effect.cell, effect.set) }
              : 'add' in effect
                ? { cell: cell(effect.cell), add: effect.add }
                : { cell: cell(effect.cell), from: cell(effect.from) },
        ),
      );
      if (image >= actions.length) return undefined;
      images[action.id] = image;
    }
    return images;
  };

  /** Follows both automata from their first states, edge by edge. */
  const match = (
    from: number,
    to: number,
    images: Int32Array,
  ): { states: Int32Array; edges: Int32Array } | undefined => {
    const [left, right] = [automata[from], automata[to]] as [
      Symmetric['automata'][number],
      Symmetric['automata'][number],
    ];
    const count = left.minimal.states.length;
    if (right.minimal.states.length !== count || left.edgeAction.length !== right.edgeAction.length) return undefined;
    const [threads, others] = [members[from], members[to]] as [number[], number[]];
    if (threads.length !== others.length || daemons[threads[0] as number] !== daemons[others[0] as number])
      return undefined;
    const states = new Int32Array(count).fill(-1);
    const back = new Int32Array(count).fill(-1);
    const edges = new Int32Array(left.edgeAction.length).fill(-1);
    const used = new Uint8Array(edges.length);
    const work = [0];
    states[0] = 0;
    back[0] = 0;
    for (let state = work.pop(); state !== undefined; state = work.pop()) {
      const other = states[state] as number;
      const [first, last] = [left.edgeStart[state] as number, left.edgeStart[state + 1] as number];
      const [otherFirst, otherLast] = [right.edgeStart[other] as number, right.edgeStart[other + 1] as number];
      if (last - first !== otherLast - otherFirst || shapeOf(from, state) !== shapeOf(to, other)) return undefined;
      for (let edge = first; edge < last; edge++) {
        const action = images[left.edgeAction[edge] as number] as number;
        const same = otherFirst + edge - first;
        let found = right.edgeAction[same] === action && used[same] === 0 ? same : -1;
        for (let each = otherFirst; each < otherLast && found < 0; each++)
          if (right.edgeAction[each] === action && used[each] === 0) found = each;
        if (found < 0 || left.edgeError[edge] !== right.edgeError[found]) return undefined;
        used[found] = 1;
        edges[edge] = found;
        const target = left.edgeTo[edge] as number;
        const otherTarget = right.edgeTo[found] as number;
        if (states[target] === -1 && back[otherTarget] === -1) {
          states[target] = otherTarget;
          back[otherTarget] = target;
          work.push(target);
        } else if (states[target] !== otherTarget) return undefined;
      }
    }
    return states.includes(-1) ? undefined : { states, edges };
  };

  return (renaming) => {
    for (const { id, max, init } of cells) {
      const image = cells[renaming.cells[id] as number] as Cell;
      if (image.max !== max || image.init !== (renaming.values[id]?.[init] ?? init)) return undefined;
    }
    const images = imagesOf(renaming);
    if (images === undefined) return undefined;
    const threads = Int32Array.from(automatonOf.keys());
    const states: (Int32Array | undefined)[] = [];
    const edges: (Int32Array | undefined)[] = [];
    const taken = new Set<number>();
    for (const [index, automaton] of automata.entries()) {
      let to = index;
      let found: ReturnType<typeof match>;
      if (automaton.edgeAction.some((action) => images[action] !== action)) {
        const targets = [index, ...automata.keys()].filter((each) => !taken.has(each));
        for (const each of targets) {
          found = match(index, each, images);
          if (found === undefined) continue;
          to = each;
          break;
        }
        if (found === undefined) return undefined;
      }
      if (taken.has(to)) return undefined;
      taken.add(to);
      states.push(found?.states);
      edges.push(found?.edges);
      for (const [place, thread] of (members[index] as readonly number[]).entries())
        threads[thread] = members[to]?.[place] as number;
    }
    return { ...renaming, threads, states, edges };
  };
}

/**
 * What people see of a state. Names that differ in numbers only are names of the same thing: `inode 1` may stand for
 * `inode 2`, and never for `page 1`.
 */
function shapeOfState({ minimal }: Symmetric['automata'][number], id: number): string {
  const state = minimal.states[id] as (typeof minimal.states)[number];
  const edges = state.edges.map(({ error, example }) => {
    const { event } = example.alternative;
    return withoutNumbers(`${error?.code ?? ''} ${event === undefined ? '' : valueKey(event, 'event')}`);
  });
  const { op, held } = state.example;
  const kept = state.status === 'done' ? held.map(({ object, mode }) => `${object.name} ${mode}`).sort() : [];
  return `${state.status} ${state.asAtStart} ${withoutNumbers(`${op?.name} ${kept.join()}`)} ${edges.sort().join()}`;
}

/** The name with all its numbers taken out. */
export function withoutNumbers(name: string): string {
  return name.replace(/\d+/g, '#');
}
