import { type ClassCycle, makeCycle } from '../cycle.ts';
import type { Evidence } from '../dependency.ts';
import type { Finding } from '../finding.ts';
import { FS_RECLAIM } from '../lock-class.ts';
import type { Rule } from '../rule.ts';
import { type Segment, segmentsOf } from '../segments.ts';
import { cycleFinding, cyclesThrough, follow } from './cycle-finding.ts';
import { graphOf, graphTypes } from './graph-of.ts';

/**
 * An allocation that may enter a filesystem's reclaim while something is held that reclaim waits for, directly or
 * through others. One finding for each held class and allocation site.
 */
export const fsRecursion: Rule = {
  id: 'gfp/fs-recursion',
  title: 'No FS-capable allocation under anything that reclaim waits for',
  level: 'error',
  needs: ['locks', 'effective-mask'],
  watched: true,
  start(setup = {}) {
    const { graph, feeds } = graphOf(setup);
    return {
      types: feeds ? graphTypes : [],
      onEvent: (event, context) => {
        if (feeds) graph.onEvent(event, context);
      },
      finish() {
        const reclaim = graph.findClass(FS_RECLAIM);
        if (reclaim === undefined) return [];
        const findings = new Map<string, Finding>();
        for (const edge of graph.edgesInto(reclaim)) {
          if (edge.from.kind === 'pseudo') continue;
          const allocations = edge.evidence.filter((evidence) => evidence.event?.type === 'alloc');
          // An entry into reclaim tells the same as the allocation before it, where that was seen.
          const followedTypes = new Set<string>();
          for (const evidence of allocations.length > 0 ? allocations : edge.evidence) {
            const site = siteOf(evidence);
            const key = `${edge.from.id} ${site}`;
            // Whoever allocates here is followed with all its evidence, so once is enough.
            if (findings.get(key)?.level === 'error' || followedTypes.has(`${site} ${evidence.type}`)) continue;
            followedTypes.add(`${site} ${evidence.type}`);
            const shortest = graph.shortestCycle(edge, evidence.type);
            if (shortest === undefined) continue;
            const others = (): readonly ClassCycle[] =>
              cyclesThrough(graph, edge, evidence.type).map((cycle) => withEntry(cycle, evidence));
            const followed = follow(graph, withEntry(shortest, evidence), others, setup, (one, other) => {
              return one !== edge || siteOf(other) === site;
            });
            findings.set(key, cycleFinding('gfp/fs-recursion', claimOf(followed.cycle, evidence), followed));
          }
        }
        return [...findings.values()];
      },
    };
  },
};

/** The same cycle with this evidence for its entry into reclaim, so that the finding shows this allocation. */
function withEntry(cycle: ClassCycle, evidence: Evidence): ClassCycle {
  return makeCycle(
    cycle.edges.map((edge) => (edge.edge.to === evidence.to.class ? { ...edge, evidence, type: evidence.type } : edge)),
  );
}

function siteOf(evidence: Evidence): string {
  return evidence.event?.type === 'alloc' ? evidence.event.site : 'reclaim';
}

function claimOf(cycle: ClassCycle, entry: Evidence): string {
  const parts = segmentsOf(cycle);
  const held = entry.from.class.id;
  const site = entry.event?.type === 'alloc' ? ` in ${entry.event.site}` : '';
  const wanted = parts[0]!.wants.class.id;
  if (parts.length === 1) return `FS+ allocation${site} under ${held}, which reclaim itself waits for`;
  const others = parts.slice(1).map(waitOf);
  return `FS+ allocation${site} under ${held}, where ${others.reverse().join(', and ')}, and reclaim waits for ${wanted}`;
}

function waitOf(part: Segment): string {
  const open = part.holds.class.kind === 'handle' || part.holds.class.kind === 'transaction' ? 'open' : 'held';
  return `somebody waits for ${part.wants.class.id} with ${part.holds.class.id} ${open}`;
}
