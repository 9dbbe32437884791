import { ClassGraph } from '../class-graph.ts';
import type { RuleSetup } from '../rule.ts';
import { assumeAll } from './cycle-finding.ts';

/** A class graph, and whether its asker is the one who feeds it. */
export interface RuleGraph {
  readonly graph: ClassGraph;
  readonly feeds: boolean;
}

const shared = /* @__PURE__ */ new WeakMap<RuleSetup, { graph?: ClassGraph }>();

/** All rules that are started with this very setup get the same events, so they can read one graph. */
export function shareGraph(setup: RuleSetup): void {
  shared.set(setup, {});
}

/** The graph of a setup: one for all who ask where it is shared, a new one each time otherwise. */
export function graphOf(setup: RuleSetup): RuleGraph {
  const place = shared.get(setup);
  if (place?.graph !== undefined) return { graph: place.graph, feeds: false };
  const graph = new ClassGraph({ instances: setup.closedWorld === true, watch: setup.watch });
  assumeAll(graph, setup.assume);
  if (place !== undefined) place.graph = graph;
  return { graph, feeds: true };
}

/** What a class graph is built from. */
export const graphTypes = ['lock', 'wait', 'alloc', 'reclaim'] as const;
