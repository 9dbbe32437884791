import {
  type AssumedEdge,
  rules as allRules,
  type FaultpathEvent,
  type Finding,
  type Knowledge,
  type LockOrder,
  type Rule,
  startJudgement,
} from '@faultpath/lockdep';
import type { TraceFault } from './classify/fault-record.ts';
import {
  DEFAULT_MAX_FAULTS,
  type FaultOptions,
  factsOf,
  invisibleIn,
  type TraceNotRun,
  type TraceReport,
  wanted,
} from './fault-report.ts';
import { type ReadSummary, readTrace } from './read.ts';
import type { TraceSource } from './text/source.ts';

export interface CheckOptions extends FaultOptions {
  /** The rules to run; all of them when absent. */
  readonly rules?: readonly Rule[];
  /** Dependencies known from elsewhere, beside those that the vocabularies declare. */
  readonly assume?: readonly AssumedEdge[];
  /** Order in which the filesystem says that its locks nest. */
  readonly lockOrder?: LockOrder;
}

/** What a recording may be able to tell; whether it really does is known when it has been read. */
const POSSIBLE: readonly Knowledge[] = ['locks', 'scopes', 'requested-mask', 'effective-mask', 'faults', 'freeze'];

/**
 * Reads a recording, lists its faults and judges all of it. Rules that this recording can't decide are in `notrun`, with
 * the probe that would tell.
 * @throws TraceError as `readTrace`
 */
export async function checkTrace(source: TraceSource, options: CheckOptions): Promise<TraceReport> {
  const rules = options.rules ?? allRules;
  const judgement = startJudgement({
    rules,
    provides: POSSIBLE,
    assume: [...options.vocabularies.flatMap((vocabulary) => vocabulary.reclaim ?? []), ...(options.assume ?? [])],
    ...(options.lockOrder === undefined ? {} : { lockOrder: options.lockOrder }),
  });
  const faults: TraceFault[] = [];
  const max = options.maxFaults ?? DEFAULT_MAX_FAULTS;
  const told = new Told();
  const summary = await readTrace(source, options, {
    event(event) {
      told.note(event);
      judgement.onEvent(event);
    },
    namedFaults: options.anonymous !== true,
    fault(fault) {
      if (wanted(fault, options) && faults.length < max) faults.push(fault);
    },
  });
  const judged = judgement.finish();
  const untold = new Map<string, readonly Knowledge[]>();
  for (const rule of rules) {
    const missing = rule.needs.filter((need) => POSSIBLE.includes(need) && !told.has(need));
    if (missing.length > 0) untold.set(rule.id, missing);
  }
  const invisible = invisibleIn(summary);
  const notrun: TraceNotRun[] = [
    ...judged.notrun.map(({ rule, why }) => explain(rule, why, rules, invisible, summary)),
    ...[...untold].map(([rule, missing]) =>
      explain(rule, `the recording does not tell: ${missing.join(', ')}`, rules, invisible, summary),
    ),
    ...invisible,
  ];
  return {
    schema: 'faultpath/trace/1',
    recording: factsOf(summary, options.file ?? (typeof source === 'string' ? source : 'input')),
    faults,
    findings: judged.findings
      .filter((finding) => !untold.has(finding.rule))
      .map((finding) => doubt(finding, summary.classifier.unknownClasses)),
    notrun: notrun.filter(
      (entry, at) => notrun.findIndex((other) => other.id === entry.id && other.reason === entry.reason) === at,
    ),
  };
}

/** What a recording has told so far; plain fields, because this looks at every event. */
class Told {
  private locks = false;
  private freeze = false;
  private scopes = false;
  private faults = false;
  private effective = false;
  private requested = false;

  note(event: FaultpathEvent): void {
    switch (event.type) {
      case 'lock':
        if (event.kind === 'freeze') this.freeze = true;
        else this.locks = true;
        break;
      case 'alloc':
        if (event.effective.how === 'recorded') this.effective = true;
        if (event.requested.how === 'recorded') this.requested = true;
        break;
      case 'scope':
        this.scopes = true;
        break;
      case 'fault':
        this.faults = true;
        break;
      default:
        break;
    }
  }

  has(what: Knowledge): boolean {
    switch (what) {
      case 'locks':
        return this.locks;
      case 'freeze':
        return this.freeze;
      case 'scopes':
        return this.scopes;
      case 'faults':
        return this.faults;
      case 'effective-mask':
        return this.effective;
      case 'requested-mask':
        return this.requested;
      default:
        return false;
    }
  }
}

/** A cycle through a lock that is known by its caller only is no error: the next taker may mean another lock. */
function doubt(finding: Finding, unknown: ReadonlySet<string>): Finding {
  const locks = (finding.cycle ?? []).flatMap(({ holds, wants }) => [...holds.map(({ lock }) => lock), wants.lock]);
  const doubtful = locks.find((lock) => unknown.has(lock));
  if (doubtful === undefined || finding.level !== 'error') return finding;
  const why = `no vocabulary knows the lock that ${doubtful} takes, so two of them need not be of one class`;
  return { ...finding, level: 'note', feasibility: { verdict: 'undecided', why } };
}

/** Adds the probe that would have told. */
function explain(
  id: string,
  reason: string,
  rules: readonly Rule[],
  invisible: readonly TraceNotRun[],
  summary: ReadSummary,
): TraceNotRun {
  const needs = rules.find((rule) => rule.id === id)?.needs ?? [];
  const probe =
    invisible.find((entry) => (needs as readonly string[]).includes(entry.id))?.probe ??
    needs.map((need) => PROBES[need]).find((text) => text !== undefined && !summary.seen.has(text));
  return probe === undefined ? { id, reason } : { id, reason, probe };
}

const PROBES: Readonly<Partial<Record<Knowledge, string>>> = {
  locks: 'down_read',
  scopes: 'jbd2_handle_start',
  'requested-mask': 'kmem_cache_alloc',
  'effective-mask': 'mm_page_alloc',
  faults: 'handle_mm_fault',
};
