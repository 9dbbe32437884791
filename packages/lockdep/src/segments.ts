import { type ClassCycle, type CycleEdge, rotate } from './cycle.ts';
import type { LockFact } from './dependency.ts';
import type { LockEvent, MaskFact, Where } from './events.ts';
import type { CycleMember } from './finding.ts';
import { isPseudo } from './lock-class.ts';

/**
 * One task's part of a cycle: it holds something and wants the next. A pseudo-lock excludes nobody, so the edge into
 * `fs_reclaim` and the edge out of it are one task's: it allocates, enters reclaim, and waits there.
 */
export interface Segment {
  readonly holds: LockFact;
  readonly wants: LockFact;
  /** One edge, or more where it goes through pseudo-locks. */
  readonly edges: readonly CycleEdge[];
  /** All that the task holds while it waits: before it entered reclaim and inside. */
  readonly held: readonly LockEvent[];
}

/** The parts of a cycle, one for each task that takes part in the deadlock. The first one enters reclaim, if any does. */
export function segmentsOf(cycle: ClassCycle): readonly Segment[] {
  const whole = fromEntryIntoReclaim(cycle);
  const segments: Segment[] = [];
  let open: CycleEdge[] = [];
  for (const edge of whole.edges) {
    open.push(edge);
    if (isPseudo(edge.edge.to.lock)) continue;
    segments.push(segment(open));
    open = [];
  }
  if (open.length > 0) segments.push(segment(open));
  return segments;
}

function fromEntryIntoReclaim(cycle: ClassCycle): ClassCycle {
  const real = (edge: CycleEdge): boolean => !isPseudo(edge.edge.from.lock);
  const entry = cycle.edges.findIndex((edge) => real(edge) && isPseudo(edge.edge.to.lock));
  if (entry !== -1) return rotate(cycle, entry);
  return rotate(cycle, Math.max(0, cycle.edges.findIndex(real)));
}

/** The segment with other evidence for its edges, in the same number. */
export function withEvidence(original: Segment, evidence: readonly CycleEdge['evidence'][]): Segment {
  return segment(original.edges.map((edge, index) => ({ ...edge, evidence: evidence[index] ?? edge.evidence })));
}

function segment(edges: readonly CycleEdge[]): Segment {
  const first = edges[0]!;
  const last = edges[edges.length - 1]!;
  const held = [...first.evidence.held];
  if (edges.length > 1) held.push(...last.evidence.held.slice(last.evidence.reclaim?.heldAtEntry ?? 0));
  return { holds: first.evidence.from, wants: last.evidence.to, edges: [...edges], held };
}

/** The effective mask under which the task entered reclaim, and the site, where the segment goes through reclaim. */
export function allocationOf(part: Segment): { readonly site?: string; readonly mask: MaskFact } | undefined {
  for (const { evidence } of part.edges) {
    if (evidence.event?.type === 'alloc') return { site: evidence.event.site, mask: evidence.event.effective };
    if (evidence.event?.type === 'reclaim') return { mask: evidence.event.effective };
    if (evidence.reclaim !== undefined) return { mask: evidence.reclaim.effective };
  }
  return undefined;
}

/** Where the task took what it holds. */
function takenAt({ holds, held }: Segment): Where | undefined {
  return held.findLast(({ lock, instance }) => lock === holds.class.lock && instance === (holds.instance ?? instance))
    ?.where;
}

/** The segment as a member of a wait-for cycle. */
export function memberOf(part: Segment): CycleMember {
  const first = part.edges[0]!.evidence;
  const last = part.edges[part.edges.length - 1]!.evidence;
  const mask = allocationOf(part)?.mask.text;
  const taken = takenAt(part);
  const holds = {
    lock: part.holds.class.id,
    instance: part.holds.instance ?? '',
    mode: part.holds.mode,
    ...(taken !== undefined && { where: taken }),
  };
  const where = last.event?.where ?? first.event?.where;
  return {
    task: first.task,
    holds: [holds],
    wants: { lock: part.wants.class.id, instance: part.wants.instance ?? '', mode: part.wants.mode },
    ...(where !== undefined && { where }),
    backtrace: last.event?.backtrace ?? last.assumed?.backtrace ?? [],
    ...(mask !== undefined && { mask }),
  };
}
