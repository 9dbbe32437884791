import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { refine } from '../src/refine.ts';

type Edges = readonly (readonly [label: number, to: number])[];

function refined(graph: readonly Edges[], initial: readonly number[], anyOrder = false): readonly number[] {
  const before: number[][] = graph.map(() => []);
  for (const [state, edges] of graph.entries()) for (const [, to] of edges) (before[to] as number[]).push(state);
  return refine({ edges: graph.map((edges) => Int32Array.from(edges.flat())), before, anyOrder }, initial);
}

/** Moore's, as in a textbook. */
function naive(graph: readonly Edges[], initial: readonly number[], anyOrder: boolean): readonly string[] {
  let classes: readonly string[] = initial.map(String);
  for (;;) {
    const keys = graph.map((edges, state) => {
      const ways = edges.map(([label, to]) => `${label} ${classes[to]}`);
      return JSON.stringify([classes[state], anyOrder ? [...new Set(ways)].sort() : ways]);
    });
    const names = [...new Set(keys)];
    const next = keys.map((key) => `${names.indexOf(key)}`);
    if (names.length === new Set(classes).size) return next;
    classes = next;
  }
}

/** Which states are in one class, whatever the classes are called. */
const partition = (classes: readonly unknown[]): number[] => classes.map((each) => classes.indexOf(each));

it.each([false, true])('tells states apart as a textbook does (edges in any order: %s)', (anyOrder) => {
  const graphs = fc.integer({ min: 1, max: 12 }).chain((count) =>
    fc.record({
      initial: fc.array(fc.nat(2), { minLength: count, maxLength: count }),
      graph: fc.array(fc.array(fc.tuple(fc.nat(1), fc.nat(count - 1)), { maxLength: 3 }), {
        minLength: count,
        maxLength: count,
      }),
    }),
  );
  fc.assert(
    fc.property(graphs, ({ graph, initial }) => {
      expect(partition(refined(graph, initial, anyOrder))).toEqual(partition(naive(graph, initial, anyOrder)));
    }),
    { numRuns: 2000 },
  );
});

it('follows a long chain to its end, and a ring has one class', () => {
  const chain = Array.from({ length: 300 }, (_, state): Edges => (state === 299 ? [] : [[0, state + 1]]));
  expect(
    new Set(
      refined(
        chain,
        chain.map(() => 0),
      ),
    ).size,
  ).toBe(300);
  const ring = chain.map((_, state): Edges => [[0, (state + 1) % 300]]);
  expect(
    new Set(
      refined(
        ring,
        ring.map(() => 0),
      ),
    ).size,
  ).toBe(1);
});
