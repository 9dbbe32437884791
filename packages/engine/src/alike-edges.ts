import type { FlatSystem } from './flat-system.ts';

/**
 * Numbers edges over all automata: equal for edges of one automaton that do the same, from places that nobody can tell
 * apart to places that nobody can tell apart.
 */
export function alikeEdges({ automata, edgeCount }: FlatSystem): Int32Array {
  const numbers = new Int32Array(edgeCount);
  let count = 0;
  for (const { states, bisimilar: of, edgeStart, edgeAction, edgeTo, edgeError, edgeBase } of automata) {
    const known = new Map<string, number>();
    for (let id = 0; id < states; id++)
      for (let edge = edgeStart[id] as number; edge < (edgeStart[id + 1] as number); edge++) {
        const key = `${of[id]} ${edgeAction[edge]} ${of[edgeTo[edge] as number]} ${edgeError[edge]}`;
        const number = known.get(key) ?? count++;
        known.set(key, number);
        numbers[edgeBase + edge] = number;
      }
  }
  return numbers;
}
