import {
  type AssumedEdge,
  rules as allRules,
  type FaultpathEvent,
  type Finding,
  type Judgement,
  type Knowledge,
  type LockOrder,
  type Rule,
  startJudgement,
  TaskTracker,
  type Watch,
} from '@faultpath/lockdep';
import type { Repeats } from './classify/classifier-sink.ts';
import type { TraceFault } from './classify/fault-record.ts';
import {
  DEFAULT_MAX_FAULTS,
  type FaultOptions,
  factsOf,
  invisibleIn,
  isPresent,
  type TraceNotRun,
  type TraceReport,
  wanted,
} from './fault-report.ts';
import { type ReadSummary, readViews } from './read.ts';
import type { TraceSource } from './text/source.ts';

export interface CheckOptions extends FaultOptions {
  /** The rules to run; all of them when absent. */
  readonly rules?: readonly Rule[];
  /** Dependencies known from elsewhere, beside those that the vocabularies declare. */
  readonly assume?: readonly AssumedEdge[];
  /** Order in which each filesystem says that its locks nest; applied where the recording has that filesystem. */
  readonly lockOrders?: Readonly<Record<string, LockOrder>>;
  /** `false`: judges each record by itself, also in runs of events that were judged before. The answer is the same. */
  readonly fromMemory?: boolean;
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
  const ordering = rules.filter(({ needs }) => needs.includes('lock-order'));
  const tracker = new TaskTracker();
  const repeats = repeatsOf(tracker);
  const { watch } = repeats;
  const orders = Object.entries(options.lockOrders ?? {}).map(([fs, lockOrder]) => ({
    fs,
    judgement: startJudgement({ rules: ordering, provides: POSSIBLE, lockOrder, watch }),
  }));
  const judgement = startJudgement({
    rules: orders.length === 0 ? rules : rules.filter((rule) => !ordering.includes(rule)),
    provides: POSSIBLE,
    watch,
    assume: [...options.vocabularies.flatMap((vocabulary) => vocabulary.reclaim ?? []), ...(options.assume ?? [])],
  });
  const faults: TraceFault[] = [];
  const max = options.maxFaults ?? DEFAULT_MAX_FAULTS;
  const told = new Told();
  const summary = await readViews(source, options, {
    event(event) {
      told.note(event);
      const context = tracker.context(event.task);
      judgement.onEvent(event, context);
      if (event.type === 'lock') for (const order of orders) order.judgement.onEvent(event, context);
      tracker.apply(event);
    },
    ...(options.fromMemory !== false && rules.every((rule) => rule.watched === true) ? { repeats } : {}),
    namedFaults: options.anonymous !== true,
    moreFaults: () => faults.length < max,
    fault(fault) {
      if (wanted(fault, options)) faults.push(fault);
    },
  });
  const present = orders.filter(({ fs }) => isPresent(summary, fs)).map((order) => order.judgement.finish());
  const judged = joined(judgement.finish(), present, orders.length === 0 ? [] : ordering);
  const untold = new Map<string, readonly Knowledge[]>();
  for (const rule of rules) {
    const missing = rule.needs.filter((need) => POSSIBLE.includes(need) && !told.has(need));
    if (missing.length > 0) untold.set(rule.id, missing);
  }
  const invisible = invisibleIn(summary);
  const unable = rules.filter(({ id }) => untold.has(id) || judged.notrun.some(({ rule }) => rule === id));
  const notrun: TraceNotRun[] = [
    ...judged.notrun.map(({ rule, why }) => explain(rule, why, rules, invisible, summary)),
    ...[...untold].map(([rule, missing]) =>
      explain(rule, `the recording does not tell: ${missing.join(', ')}`, rules, invisible, summary),
    ),
    // What a rule has just said need not be said again.
    ...invisible.filter(({ id }) => !unable.some((rule) => rule.needs.some((need) => need === id))),
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

/** What the judges have learned is told to whoever reads for them. */
function repeatsOf(tracker: TaskTracker): Repeats & { readonly watch: Watch } {
  let told: Watch | undefined;
  return {
    isIdle(task) {
      const { held, scopes, reclaim, inFault } = tracker.context(task);
      return held.length === 0 && scopes.length === 0 && reclaim === undefined && !inFault;
    },
    tell(watch) {
      told = watch;
    },
    watch: {
      news: () => told?.news(),
      noted: (task, list) => told?.noted(task, list),
    },
  };
}

/** One judgement of several. Rules about an order have not run where no filesystem that declares one was seen. */
function joined(all: Judgement, orders: readonly Judgement[], ordering: readonly Rule[]): Omit<Judgement, 'events'> {
  const why = 'no filesystem was seen whose lock order is known';
  const unseen = orders.length > 0 ? [] : ordering.map(({ id }) => ({ rule: id, why }));
  return {
    findings: [...all.findings, ...orders.flatMap(({ findings }) => findings)],
    notrun: [...all.notrun, ...unseen, ...orders.flatMap(({ notrun }) => notrun)],
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
  const needs: readonly string[] = rules.find((rule) => rule.id === id)?.needs ?? [];
  const known = invisible.find((entry) => needs.includes(entry.id));
  if (known !== undefined) return { ...known, id };
  const probe = needs
    .map((need) => PROBES[need as Knowledge])
    .find((text) => text !== undefined && !summary.seen.has(text));
  return probe === undefined ? { id, reason } : { id, reason, probe };
}

const PROBES: Readonly<Partial<Record<Knowledge, string>>> = {
  locks: 'down_read',
  scopes: 'jbd2_handle_start',
  'requested-mask': 'kmem_cache_alloc',
  'effective-mask': 'mm_page_alloc',
  faults: 'handle_mm_fault',
};
