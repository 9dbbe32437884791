import type { ClassCycle } from './cycle.ts';
import type { DependencyType, Evidence } from './dependency.ts';
import { LockdepError } from './errors.ts';
import type { LockMode, MaskFact, Where } from './events.ts';
import { FS_RECLAIM, IO_RECLAIM, isPseudo, MMU_NOTIFIER } from './lock-class.ts';
import { type Segment, segmentsOf } from './segments.ts';

/** One edge of a cycle, told. */
export interface ExplainedEdge {
  readonly from: string;
  readonly to: string;
  readonly type: DependencyType;
  readonly task: string;
  /** One sentence: who held what and wanted what, and how it came to that. */
  readonly text: string;
  readonly heldMode: LockMode;
  readonly wantedMode: LockMode;
  /** Effective mask of the allocation, where the edge is made by one. */
  readonly mask?: string;
  readonly requested?: string;
  /** Open scopes, as `NOFS by start_this_handle`, oldest first. */
  readonly scopes: readonly string[];
  /** Everything held, oldest first, as class names. */
  readonly held: readonly string[];
  /** Why the kernel's own lockdep has no such edge, where it has none. */
  readonly beyondKernel?: string;
  readonly backtrace: readonly string[];
  readonly where?: Where;
}

/** What one column of the scenario takes, in order: the last line is where it waits for ever. */
export interface ScenarioColumn {
  readonly task: string;
  readonly locks: readonly { readonly lock: string; readonly mode: LockMode }[];
}

/** A class cycle as data; the renderers turn it into text. */
export interface Explanation {
  readonly key: string;
  readonly edges: readonly ExplainedEdge[];
  readonly scenario: readonly ScenarioColumn[];
  /** The kernel's own lockdep makes every edge of it, so it would report it. */
  readonly kernelReports: boolean;
}

/** Explains every edge of a cycle. Throws `FAULTPATH_UNEXPLAINED_EDGE` for an edge nobody saw and nobody declared. */
export function explainCycle(cycle: ClassCycle): Explanation {
  const segments = segmentsOf(cycle);
  const edges = segments.flatMap((part) => part.edges.map(({ evidence }) => explainEdge(evidence)));
  return {
    key: cycle.key,
    edges,
    scenario: segments.map(column),
    kernelReports: edges.every((edge) => edge.beyondKernel === undefined),
  };
}

/** One edge, told. Throws `FAULTPATH_UNEXPLAINED_EDGE` when its evidence names neither event nor reason. */
export function explainEdge(evidence: Evidence): ExplainedEdge {
  const { event, assumed } = evidence;
  const from = evidence.from.class.id;
  const to = evidence.to.class.id;
  if (event === undefined && assumed === undefined) {
    throw new LockdepError('FAULTPATH_UNEXPLAINED_EDGE', `nothing explains the dependency ${from} -> ${to}`);
  }
  const mask = maskOf(evidence);
  const requested = event?.type === 'alloc' ? event.requested.text : undefined;
  const where = event?.where;
  return {
    from,
    to,
    type: evidence.type,
    task: evidence.task,
    text: sentence(evidence),
    heldMode: evidence.from.mode,
    wantedMode: evidence.to.mode,
    ...(mask?.text !== undefined && { mask: mask.text }),
    ...(requested !== undefined && { requested }),
    scopes: evidence.scopes.map((scope) => `${scope.scope} by ${scope.by}`),
    held: evidence.held.map((one) => one.lock),
    ...(evidence.beyondKernel !== undefined && { beyondKernel: evidence.beyondKernel }),
    backtrace: event?.backtrace ?? assumed?.backtrace ?? [],
    ...(where !== undefined && { where }),
  };
}

function maskOf(evidence: Evidence): MaskFact | undefined {
  const { event, reclaim } = evidence;
  if (event?.type === 'alloc' || event?.type === 'reclaim') return event.effective;
  return reclaim?.effective;
}

const pseudoNames: Readonly<Record<string, string>> = {
  [FS_RECLAIM]: 'reclaim that may enter a filesystem',
  [IO_RECLAIM]: 'reclaim that may do I/O',
  [MMU_NOTIFIER]: 'reclaim that may call mmu notifiers',
};

function sentence(evidence: Evidence): string {
  const { event, assumed, task } = evidence;
  const from = evidence.from.class.id;
  const to = evidence.to.class.id;
  if (assumed !== undefined) return `${from}, then ${to}: ${assumed.because}`;
  const mask = maskOf(evidence)?.text;
  const withMask = mask === undefined ? '' : ` with effective mask ${mask}`;
  if (event?.type === 'alloc') {
    return `${task} holds ${from} and allocates in ${event.site}${withMask}, which may enter ${pseudoNames[to] ?? to}`;
  }
  if (event?.type === 'reclaim') return `${task} holds ${from} and enters reclaim (${event.via})${withMask}`;
  const verb = event?.type === 'wait' ? 'waits for' : `takes ${modeWord(evidence.to.mode)}`;
  if (isPseudo(from)) return `${task}, in reclaim (${evidence.reclaim?.via ?? 'annotated'})${withMask}, ${verb} ${to}`;
  return `${task} holds ${from} (${modeWord(evidence.from.mode)}) and ${verb} ${to}`;
}

export function modeWord(mode: LockMode): string {
  return mode === 'exclusive' ? 'exclusively' : mode === 'shared' ? 'shared' : 'shared, recursively';
}

function column(part: Segment): ScenarioColumn {
  const locks = part.edges.map(({ evidence }) => ({ lock: evidence.from.class.id, mode: evidence.from.mode }));
  locks.push({ lock: part.wants.class.id, mode: part.wants.mode });
  return { task: part.edges[0]!.evidence.task, locks };
}
