import type { ClassGraph } from '../class-graph.ts';
import { type ClassCycle, type CycleEdge, makeCycle } from '../cycle.ts';
import { type FeasibilityOptions, judgeFeasibility } from '../feasibility.ts';
import type { Feasibility } from '../finding.ts';
import type { KnownEdge, SplatModel } from './answer.ts';
import type { SplatEdge } from './edges.ts';

export interface GraphModelOptions {
  /** For example `xfs v6.1`. */
  readonly name: string;
  /** The graph that the model's own events made. */
  readonly graph: ClassGraph;
  /** The model's class for a class that the kernel prints; undefined when it has none. */
  readonly classOf: (printed: string) => string | undefined;
  readonly ownerOf?: NonNullable<SplatModel['ownerOf']>;
  readonly remark?: NonNullable<SplatModel['remark']>;
  /** How cycles that the model knows are followed. */
  readonly feasibility?: FeasibilityOptions;
}

/** A model for `answerSplat` made of a class graph: it knows the edges that the graph has, and who made them. */
export function graphModel(options: GraphModelOptions): SplatModel {
  const { name, graph, classOf, feasibility = {} } = options;
  const find = (edge: SplatEdge) => {
    const [from, to] = [classOf(edge.from), classOf(edge.to)];
    return from === undefined || to === undefined ? undefined : graph.edge(from, to);
  };
  return {
    name,
    knows(edge): KnownEdge | undefined {
      const known = find(edge);
      if (known === undefined) return undefined;
      // Entering reclaim repeats what the allocation that led there said already.
      const told = known.evidence.filter(({ event }) => event?.type !== 'reclaim');
      const evidence = told.length > 0 ? told : known.evidence;
      const functions = evidence.flatMap(({ event, assumed }) => makers(event, assumed?.backtrace));
      const note = evidence.every(({ beyondKernel }) => beyondKernel !== undefined)
        ? evidence[0]?.beyondKernel
        : undefined;
      return { functions: [...new Set(functions)], ...(note !== undefined && { note }) };
    },
    judge(edges): Feasibility | undefined {
      const known: CycleEdge[] = [];
      for (const edge of edges) {
        const found = find(edge);
        if (found === undefined) return undefined;
        const evidence = found.evidence[0]!;
        known.push({ edge: found, type: evidence.type, evidence });
      }
      const cycle: ClassCycle = makeCycle(known);
      return judgeFeasibility(graph, cycle, feasibility);
    },
    ...(options.ownerOf && { ownerOf: options.ownerOf }),
    ...(options.remark && { remark: options.remark }),
  };
}

/** The function at which the step was made: the allocation's site, or the innermost frame. */
function makers(
  event: { readonly backtrace?: readonly string[]; readonly site?: string } | undefined,
  assumed: readonly string[] | undefined,
): string[] {
  if (event?.site !== undefined) return [event.site];
  const innermost = event?.backtrace?.[0] ?? assumed?.[0];
  return innermost === undefined ? [] : [innermost];
}
