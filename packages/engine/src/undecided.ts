import { alikeEdges } from './alike-edges.ts';
import type { FlatAutomaton, FlatSystem } from './flat-system.ts';
import type { Apart } from './matcher.ts';
import type { TakenEdges } from './taken.ts';

/** Steps of which a search that stored one state for many leaves open whether any run takes them. */
export interface Undecided {
  /** Could a run take the edge, by its number over all automata? True of all that are taken. */
  readonly may: (edge: number) => boolean;
  /** The places that lead to steps that may be taken and were not; undefined when there are none. */
  readonly apart: Apart | undefined;
}

/**
 * A run may take a step when a step from a place that nobody can tell from its own was taken, with the same effect, and
 * such steps lead to it; and any step in a passage that is reached, where `passages` are those of the search. What was
 * taken itself is certain. The rest is undecided: a search that tells the places before it apart decides it.
 */
export function undecidedSteps(
  system: FlatSystem,
  passages: readonly Int32Array[],
  taken: Pick<TakenEdges, 'has'>,
): Undecided {
  const may = new Uint8Array(system.edgeCount);
  const alike = alikeEdges(system);
  let open = false;
  const apart = system.automata.map((automaton, index) => {
    const found = walk(automaton, passages[index] as Int32Array, alike, taken);
    for (const edge of found) may[automaton.edgeBase + edge] = 1;
    const untaken = found.filter((edge) => !taken.has(automaton.edgeBase + edge));
    open ||= untaken.length > 0;
    return placesBefore(automaton, found, untaken);
  });
  return { may: (edge) => may[edge] === 1, apart: open ? apart : undefined };
}

/** Edges of one automaton that may be taken, by places that may be reached. */
function walk(
  { edgeStart, edgeTo, edgeBase }: FlatAutomaton,
  passages: Int32Array,
  alike: Int32Array,
  taken: Pick<TakenEdges, 'has'>,
): readonly number[] {
  const likeTaken = new Set<number>();
  for (let edge = 0; edge < edgeTo.length; edge++)
    if (taken.has(edgeBase + edge)) likeTaken.add(alike[edgeBase + edge] as number);
  const found: number[] = [];
  const reached = new Set([0]);
  /** Places that a passage leads to and that may be on the way to its end. */
  const inside = new Map<number, number>();
  for (const place of reached) {
    const behind = (passages[place] as number) >= 0 ? (passages[place] as number) : (inside.get(place) ?? -1);
    for (let edge = edgeStart[place] as number; edge < (edgeStart[place + 1] as number); edge++) {
      const to = edgeTo[edge] as number;
      if (behind < 0 && !likeTaken.has(alike[edgeBase + edge] as number)) continue;
      found.push(edge);
      if (behind >= 0 && to !== behind && !reached.has(to)) inside.set(to, behind);
      reached.add(to);
    }
  }
  return found;
}

/** 1 for every place that leads to an open edge. */
function placesBefore(
  { states, edgeStart, edgeTo }: FlatAutomaton,
  found: readonly number[],
  open: readonly number[],
): Uint8Array {
  const before = new Uint8Array(states);
  if (open.length === 0) return before;
  const from = new Int32Array(edgeTo.length);
  for (let id = 0; id < states; id++) from.fill(id, edgeStart[id] as number, edgeStart[id + 1] as number);
  for (const edge of open) before[from[edge] as number] = 1;
  for (let changed = true; changed; ) {
    changed = false;
    for (const edge of found) {
      const place = from[edge] as number;
      if (before[place] === 1 || before[edgeTo[edge] as number] === 0) continue;
      before[place] = 1;
      changed = true;
    }
  }
  return before;
}
