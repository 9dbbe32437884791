import type { ClassEdge, DependencyType, Evidence } from './dependency.ts';
import type { LockClass } from './lock-class.ts';

/** One edge of a cycle with the evidence that fits there: its type keeps the cycle strong. */
export interface CycleEdge {
  readonly edge: ClassEdge;
  readonly type: DependencyType;
  readonly evidence: Evidence;
}

/** A strong cycle between classes: what the first edge wants the second holds, and the last one's wish closes it. */
export interface ClassCycle {
  /** The classes in order, rotated so that the smallest name comes first; equal keys mean equal cycles. */
  readonly key: string;
  readonly edges: readonly CycleEdge[];
  readonly classes: readonly LockClass[];
}

export function makeCycle(edges: readonly CycleEdge[]): ClassCycle {
  const ids = edges.map(({ edge }) => edge.from.id);
  let start = 0;
  ids.forEach((id, index) => {
    if (id < ids[start]!) start = index;
  });
  return {
    key: [...ids.slice(start), ...ids.slice(0, start)].join(' -> '),
    edges,
    classes: edges.map(({ edge }) => edge.from),
  };
}

/** The same cycle, told from another of its edges on. */
export function rotate(cycle: ClassCycle, first: number): ClassCycle {
  return makeCycle([...cycle.edges.slice(first), ...cycle.edges.slice(0, first)]);
}
