import type { AssumedEdge, ClassGraph } from '../class-graph.ts';
import type { ClassCycle } from '../cycle.ts';
import type { ClassEdge, DependencyType, Evidence } from '../dependency.ts';
import { explainCycle } from '../explain.ts';
import { type FeasibilityOptions, judgeFeasibility } from '../feasibility.ts';
import type { Because, Feasibility, Finding } from '../finding.ts';
import type { RuleSetup } from '../rule.ts';
import { memberOf, segmentsOf } from '../segments.ts';

/** A class cycle as a finding: infeasible ones are notes, and every edge is explained. */
export function cycleFinding(rule: string, claim: string, { cycle: found, feasibility }: FollowedCycle): Finding {
  const cycle = byDifferentTasks(found);
  const explanation = explainCycle(cycle);
  const because: Because[] = explanation.edges.map((edge) => ({
    text:
      edge.beyondKernel === undefined
        ? edge.text
        : `${edge.text} (lockdep in the kernel is silent: ${edge.beyondKernel})`,
    task: edge.task,
    ...(edge.where && { where: edge.where }),
    ...(edge.backtrace.length > 0 && { backtrace: edge.backtrace }),
  }));
  const where = explanation.edges.find((edge) => edge.where !== undefined)?.where;
  return {
    rule,
    level: feasibility.verdict === 'infeasible' ? 'note' : 'error',
    claim,
    because,
    cycle: segmentsOf(cycle).map(memberOf),
    feasibility,
    ...(feasibility.verdict === 'witnessed' && { schedule: feasibility.schedule }),
    ...(where && { where }),
  };
}

/** The cycle as told by different tasks, where more than one was seen at it: one alone could not wait for itself. */
function byDifferentTasks(cycle: ClassCycle): ClassCycle {
  const tellers = new Set<string>();
  const edges = cycle.edges.map((each) => {
    const { edge, evidence } = each;
    const alike = tellers.has(evidence.task)
      ? [...withSecond(evidence), ...edge.evidence.flatMap(withSecond)].find((other) =>
          saysAsMuch(other, evidence, tellers),
        )
      : undefined;
    tellers.add((alike ?? evidence).task);
    return alike === undefined ? each : { ...each, evidence: alike };
  });
  return { ...cycle, edges };
}

/** What the first task that did it tells, and the second. */
const withSecond = (evidence: Evidence): readonly Evidence[] =>
  evidence.again === undefined ? [evidence] : [evidence, evidence.again];

const saysAsMuch = (other: Evidence, one: Evidence, tellers: ReadonlySet<string>): boolean =>
  !tellers.has(other.task) &&
  other.type === one.type &&
  other.from.owner?.referenced === one.from.owner?.referenced &&
  other.to.owner?.referenced === one.to.owner?.referenced &&
  other.reclaim === undefined &&
  one.reclaim === undefined;

export interface FollowedCycle {
  readonly cycle: ClassCycle;
  readonly feasibility: Feasibility;
}

/** How many cycles through one edge are followed when the shortest turns out impossible. */
const alternatives = 64;

/** Follows the shortest cycle, and when that one is impossible the others: a real one must not hide behind it. */
export function follow(
  graph: ClassGraph,
  shortest: ClassCycle,
  others: () => readonly ClassCycle[],
  setup: RuleSetup,
  believes?: FeasibilityOptions['believes'],
): FollowedCycle {
  const options = {
    ...(setup.closedWorld !== undefined && { closedWorld: setup.closedWorld }),
    ...setup.feasibility,
    ...(believes && { believes }),
  };
  const first = judgeFeasibility(graph, shortest, options);
  if (first.verdict !== 'infeasible') return { cycle: shortest, feasibility: first };
  for (const cycle of others()) {
    const feasibility = judgeFeasibility(graph, cycle, options);
    if (feasibility.verdict !== 'infeasible') return { cycle, feasibility };
  }
  return { cycle: shortest, feasibility: first };
}

export function cyclesThrough(graph: ClassGraph, edge: ClassEdge, type: DependencyType): readonly ClassCycle[] {
  return graph.cyclesThrough(edge, type, alternatives);
}

export function assumeAll(graph: ClassGraph, assumed: readonly AssumedEdge[] | undefined): void {
  for (const edge of assumed ?? []) graph.assume(edge);
}
