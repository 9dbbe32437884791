import { describe, expect, it } from 'vitest';
import { ClassOrder } from '../src/class-order.ts';
import { dice } from './lock-programs.ts';

function reaches(edges: ReadonlySet<string>, from: number, to: number, nodes: number): boolean {
  const seen = new Set([from]);
  for (const node of seen) {
    if (node === to) return true;
    for (let next = 0; next < nodes; next++) if (edges.has(`${node}>${next}`)) seen.add(next);
  }
  return false;
}

describe('ClassOrder', () => {
  it('says of every edge whether it lies on a cycle, as a plain search does', () => {
    const roll = dice(7);
    for (let round = 0; round < 300; round++) {
      const nodes = 2 + roll(12);
      const order = new ClassOrder();
      for (let node = 0; node < nodes; node++) order.addNode();
      const edges = new Set<string>();
      for (let step = 0; step < nodes * 3; step++) {
        const from = roll(nodes);
        const to = roll(nodes);
        if (edges.has(`${from}>${to}`)) continue;
        const expected = reaches(edges, to, from, nodes);
        edges.add(`${from}>${to}`);
        expect(order.addEdge(from, to)).toBe(expected);
        const path = order.shortestPath(to, (node) => node === from);
        expect(path !== undefined).toBe(expected);
      }
    }
  });
});
