import type { ClassCycle } from '../cycle.ts';
import type { Finding } from '../finding.ts';
import { FS_RECLAIM } from '../lock-class.ts';
import type { Rule } from '../rule.ts';
import { cycleFinding, cyclesThrough, follow } from './cycle-finding.ts';
import { graphOf, graphTypes } from './graph-of.ts';

/**
 * Strong cycles between lock classes, each once. A cycle through `fs_reclaim` is left to `gfp/fs-recursion`, which
 * names its allocation.
 */
export const circular: Rule = {
  id: 'lockdep/circular',
  title: 'No circular dependency between lock classes',
  level: 'error',
  needs: ['locks'],
  watched: true,
  start(setup = {}) {
    const { graph, feeds } = graphOf(setup);
    const outside = (cycle: ClassCycle): boolean => !cycle.classes.some((one) => one.lock === FS_RECLAIM);
    return {
      types: feeds ? graphTypes : [],
      onEvent: (event, context) => {
        if (feeds) graph.onEvent(event, context);
      },
      finish() {
        const findings = new Map<string, Finding>();
        for (const { edge, type } of graph.closures) {
          const shortest = graph.shortestCycle(edge, type, (one) => one.lock !== FS_RECLAIM);
          if (shortest === undefined) continue;
          const others = (): readonly ClassCycle[] => cyclesThrough(graph, edge, type).filter(outside);
          const followed = follow(graph, shortest, others, setup);
          if (findings.get(followed.cycle.key)?.level === 'error') continue;
          findings.set(followed.cycle.key, cycleFinding('lockdep/circular', claimOf(followed.cycle), followed));
        }
        return [...findings.values()];
      },
    };
  },
};

function claimOf(cycle: ClassCycle): string {
  if (cycle.edges.length === 1) {
    const { from, to } = cycle.edges[0]!.evidence;
    const same = from.instance !== undefined && from.instance === to.instance ? 'the same' : 'another';
    return `${from.class.id} is wanted by a task that already holds ${same} one`;
  }
  const ids = cycle.classes.map((one) => one.id);
  return `the lock order is circular: ${[...ids, ids[0]].join(' -> ')}`;
}
