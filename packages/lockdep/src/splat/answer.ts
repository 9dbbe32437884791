import type { Feasibility } from '../finding.ts';
import { FS_RECLAIM } from '../lock-class.ts';
import { edgesOf, type SplatEdge } from './edges.ts';
import type { SplatReading, SplatReport } from './report.ts';

/** What a model says of one dependency of a report. */
export interface KnownEdge {
  /** Functions of the adapter that make it. */
  readonly functions: readonly string[];
  readonly note?: string;
}

/** What is known beside the report. Every part is injected: this package knows no filesystem. */
export interface SplatModel {
  /** For example `xfs v6.1`. */
  readonly name: string;
  /** The dependency as the model makes it; undefined when the model does not know it. */
  knows(edge: SplatEdge): KnownEdge | undefined;
  /** The object that a lock of this class belongs to, where it has one; such locks are many. */
  ownerOf?(lock: string): 'inode' | 'superblock' | 'other' | undefined;
  /** What exploration says of the whole cycle. */
  judge?(edges: readonly SplatEdge[]): Feasibility | undefined;
  /** What to say of a report, or of a silent run by its header, beyond its edges. */
  remark?(about: SplatReport | { readonly silent: readonly string[] }): readonly string[];
}

export interface AnsweredEdge {
  readonly edge: SplatEdge;
  readonly known: readonly ({ readonly model: string } & KnownEdge)[];
}

/** The answer to one report. */
export interface SplatAnswer {
  readonly report: SplatReport;
  readonly edges: readonly AnsweredEdge[];
  /** Every edge is known to at least one model. */
  readonly allKnown: boolean;
  readonly feasibility: Feasibility;
  readonly remarks: readonly string[];
}

/** The answer to a run in which lockdep stayed silent. */
export interface SilenceAnswer {
  readonly notes: readonly string[];
  readonly remarks: readonly string[];
}

/** Asks the models about a report: which edges they know, and whether the cycle can happen. */
export function answerSplat(
  report: SplatReport,
  { models = [] }: { readonly models?: readonly SplatModel[] } = {},
): SplatAnswer {
  const edges = edgesOf(report).map((edge) => ({
    edge,
    known: models.flatMap((model) => {
      const known = model.knows(edge);
      return known === undefined ? [] : [{ model: model.name, ...known }];
    }),
  }));
  return {
    report,
    edges,
    allKnown: edges.length > 0 && edges.every(({ known }) => known.length > 0),
    feasibility: feasibilityOf(report, edges, models),
    remarks: models.flatMap((model) => model.remark?.(report) ?? []),
  };
}

/** Answers a reading without a report: silence proves nothing, and the models may say what they make of the change. */
export function answerSilence(
  reading: SplatReading,
  { models = [] }: { readonly models?: readonly SplatModel[] } = {},
): SilenceAnswer {
  const remarks = [
    'lockdep stayed silent: that proves nothing, it reports only orders that it saw happen',
    'journal handles, DAX entries, folios, commits and log space make no dependency in the kernel, and memory-cgroup reclaim does not enter fs_reclaim',
    ...models.flatMap((model) => model.remark?.({ silent: reading.notes }) ?? []),
  ];
  return { notes: reading.notes, remarks };
}

/** Functions below which reclaim or the last iput holds inodes that nobody else references. */
const dying = new Set([
  'evict',
  'dispose_list',
  'prune_icache_sb',
  'destroy_inode',
  'xfs_reclaim_inode',
  'xfs_reclaim_inodes_ag',
]);

function feasibilityOf(
  report: SplatReport,
  edges: readonly AnsweredEdge[],
  models: readonly SplatModel[],
): Feasibility {
  if (edges.length === 0) {
    const lacks = report.missing.length > 0 ? report.missing.join(', ') : 'the cycle: it is about interrupts';
    return { verdict: 'undecided', why: `the report lacks ${lacks}` };
  }
  let undecided: Feasibility | undefined;
  for (const model of models) {
    const judged = model.judge?.(edges.map(({ edge }) => edge));
    if (judged !== undefined && judged.verdict !== 'undecided') return judged;
    undecided ??= judged;
  }
  const why = referencedInode(edges, models);
  if (why !== undefined) return { verdict: 'infeasible', why };
  if (undecided !== undefined) return undecided;
  const unknown = edges.filter(({ known }) => known.length === 0).map(({ edge }) => `${edge.from} -> ${edge.to}`);
  if (models.length === 0) return { verdict: 'undecided', why: 'no model was asked' };
  if (unknown.length > 0)
    return { verdict: 'undecided', why: `no model knows ${unknown.join(', ')}, and nothing known makes it impossible` };
  return { verdict: 'undecided', why: 'every edge is known, and no model explored the cycle' };
}

/**
 * A lock of an inode: taken in reclaim, it is that of an inode without references; held in an operation on a file, it
 * is that of a referenced one. Never one and the same, so these two tasks never wait for each other.
 */
function referencedInode(edges: readonly AnsweredEdge[], models: readonly SplatModel[]): string | undefined {
  const perInode = (lock: string): boolean => models.some((model) => model.ownerOf?.(lock) === 'inode');
  for (const { edge: taken } of edges) {
    if (taken.from !== FS_RECLAIM || !perInode(taken.to) || !taken.backtrace.some((frame) => dying.has(frame)))
      continue;
    const holder = edges.find(({ edge }) => edge.from === taken.to && edge.to !== taken.to)?.edge;
    if (holder === undefined || holder.backtrace.length === 0 || holder.backtrace.some((frame) => dying.has(frame)))
      continue;
    const where = taken.backtrace.find((frame) => dying.has(frame));
    return `${taken.to} belongs to an inode: below ${where} it is taken on one that nobody references, and its holder uses a referenced one; what else the holder has open is not judged here`;
  }
  return undefined;
}
