import { alikeEdges } from './alike-edges.ts';
import type { FlatAutomaton, FlatSystem } from './flat-system.ts';
import { bisimilarity, type Classes } from './matcher.ts';
import type { TakenEdges } from './taken.ts';

/** Steps of which a search that stored one state for many leaves open whether any run takes them. */
export interface Undecided {
  /** Could a run take the edge, by its number over all automata? True of all that are taken. */
  readonly may: (edge: number) => boolean;
  /** How many may be taken and were not. */
  readonly count: number;
  /** Classes in which a place is alone that leads to such a step; undefined when there is none. */
  readonly classes: Classes | undefined;
}

/**
 * A run may take a step when a step from a place that nobody can tell from its own was taken, with the same effect, and
 * such steps lead to it. What was taken itself is certain. The rest is undecided: a search that tells the places before
 * it apart decides it.
 */
export function undecidedSteps(system: FlatSystem, taken: TakenEdges): Undecided {
  const { automata } = system;
  const alike = bisimilarity(system);
  const edges = alikeEdges(system, alike);
  const may = new Uint8Array(system.edgeCount);
  let count = 0;
  const classes = automata.map((automaton, index) => {
    const of = alike[index] as Int32Array;
    const leads = walk(automaton, edges, taken, may);
    const open = leads.filter((edge) => !taken.has(automaton.edgeBase + edge));
    count += open.length;
    return alone(automaton, of, leads, open);
  });
  return { may: (edge) => may[edge] === 1, count, classes: count === 0 ? undefined : classes };
}

/** Edges of one automaton that may be taken, by places that may be reached. */
function walk(
  { edgeStart, edgeTo, edgeBase }: FlatAutomaton,
  alike: Int32Array,
  taken: TakenEdges,
  may: Uint8Array,
): readonly number[] {
  const likeTaken = new Set<number>();
  for (let edge = 0; edge < edgeTo.length; edge++)
    if (taken.has(edgeBase + edge)) likeTaken.add(alike[edgeBase + edge] as number);
  const found: number[] = [];
  const reached = new Set([0]);
  for (const id of reached)
    for (let edge = edgeStart[id] as number; edge < (edgeStart[id + 1] as number); edge++) {
      if (!likeTaken.has(alike[edgeBase + edge] as number)) continue;
      may[edgeBase + edge] = 1;
      found.push(edge);
      reached.add(edgeTo[edge] as number);
    }
  return found;
}

/** Classes in which every place that leads to an open edge is alone. */
function alone(
  { states, edgeStart, edgeTo }: FlatAutomaton,
  of: Int32Array,
  leads: readonly number[],
  open: readonly number[],
): Int32Array {
  if (open.length === 0) return of;
  const from = new Int32Array(edgeTo.length);
  for (let id = 0; id < states; id++) from.fill(id, edgeStart[id] as number, edgeStart[id + 1] as number);
  const before = new Uint8Array(states);
  for (const edge of open) before[from[edge] as number] = 1;
  for (let changed = true; changed; ) {
    changed = false;
    for (const edge of leads) {
      const place = from[edge] as number;
      if (before[place] === 1 || before[edgeTo[edge] as number] === 0) continue;
      before[place] = 1;
      changed = true;
    }
  }
  const first = new Map<number, number>();
  return of.map((known, id) => {
    if (before[id] === 1) return id;
    const named = first.get(known) ?? id;
    first.set(known, named);
    return named;
  });
}
