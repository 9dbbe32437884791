import type { LockMode } from '../events.ts';
import { FS_RECLAIM } from '../lock-class.ts';
import type { SplatReport } from './report.ts';

/** A dependency that a report shows: `to` was taken at `backtrace` with `from` held. */
export interface SplatEdge {
  readonly from: string;
  readonly to: string;
  /** How `to` was taken, as its locking function says; absent where no frame tells. */
  readonly mode?: LockMode;
  readonly backtrace: readonly string[];
  /** The dependency that was new when the kernel complained. */
  readonly closing: boolean;
}

/** The cycle of a report as edges, in order: each one's `to` is the next one's `from`. */
export function edgesOf(report: SplatReport): readonly SplatEdge[] {
  switch (report.kind) {
    case 'circular':
      return circularEdges(report);
    case 'recursive':
      return report.wanted && report.holding ? [edge(report.holding.id, report.wanted.id, report.backtrace, true)] : [];
    case 'inconsistent':
      return usageEdges(report);
    default:
      return report.wanted && report.holding ? [edge(report.holding.id, report.wanted.id, report.backtrace, true)] : [];
  }
}

function circularEdges({ chain }: SplatReport): readonly SplatEdge[] {
  // Printed from the newest held lock down to the wanted one; #k was taken with #(k-1) held.
  const upwards = [...chain].reverse();
  return upwards.map((link, index) => {
    const from = upwards[(index + upwards.length - 1) % upwards.length]!;
    return edge(from.lock.id, link.lock.id, link.backtrace, index === 0);
  });
}

/** Until 4.13 reclaim was a usage of a lock and no lock: told here in today's words, with `fs_reclaim` in between. */
function usageEdges(report: SplatReport): readonly SplatEdge[] {
  const { usage, wanted } = report;
  if (usage === undefined || wanted === undefined) return [];
  const context = /RECLAIM_FS/.test(usage.from) ? FS_RECLAIM : usage.from.replace(/^IN-|-ON|-[WR]$/g, '').toLowerCase();
  const allocatedFirst = usage.from.includes('-ON-');
  const inside = allocatedFirst ? report.backtrace : usage.registered;
  const outside = allocatedFirst ? usage.registered : report.backtrace;
  return [edge(context, wanted.id, inside, allocatedFirst), edge(wanted.id, context, outside, !allocatedFirst)];
}

function edge(from: string, to: string, backtrace: readonly string[], closing: boolean): SplatEdge {
  const mode = modeOf(backtrace);
  return { from, to, ...(mode !== undefined && { mode }), backtrace, closing };
}

const takers: readonly (readonly [RegExp, LockMode])[] = [
  [/^(?:__)?(?:down_read|percpu_down_read|_raw_read_lock)(?:_|$)/, 'shared'],
  [
    /^(?:__)?(?:down_write|percpu_down_write|mutex_lock|_raw_write_lock|_raw_spin_lock|fs_reclaim_acquire)(?:_|\.|$)/,
    'exclusive',
  ],
];

function modeOf(backtrace: readonly string[]): LockMode | undefined {
  for (const frame of backtrace.slice(0, 8)) {
    const found = takers.find(([pattern]) => pattern.test(frame));
    if (found !== undefined) return found[1];
  }
  return undefined;
}
