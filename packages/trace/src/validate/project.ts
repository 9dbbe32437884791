import type {
  AllocEvent,
  AwayRule,
  FaultpathEvent,
  LockEvent,
  ScopeEvent,
  ValidationVocabulary,
} from '@faultpath/lockdep';
import type { ModelStep } from './automaton.ts';

/** An event of the recording that the model must account for. */
export interface RecordedStep {
  readonly event: LockEvent | ScopeEvent | AllocEvent;
  /** Set where the recording contradicts itself, so that no model can account for it. */
  readonly odd?: string;
}

/** One row of what was left out of the comparison. */
export interface LeftOut {
  readonly what: string;
  readonly count: number;
  readonly because: string;
}

export interface ProjectedFault {
  readonly steps: readonly RecordedStep[];
  readonly leftOut: readonly LeftOut[];
}

/** Rows that hold in every recording; the adapters add theirs. */
const FOLDED = {
  contended: 'the task waits for a lock that it takes afterwards: taking it is compared',
  frame: 'begin and end of the fault are the frame of the comparison',
  reclaimMark:
    'compared together with the allocation that it belongs to: it stands there if, and only if, the mask allows FS',
  refill: 'the slab got its page for the object whose own allocation follows, and with the same scopes: compared there',
} as const;

/**
 * Projects the events of a fault on what the model knows: what may be left out is counted, what belongs to an allocation
 * is checked with it.
 *
 * @param lockdep the recording shows `fs_reclaim`, so that every allocation must say by it whether it may enter filesystems
 * @param sleepers sites, as a recording may name them, at which the model's allocations sleep
 */
export function projectFault(
  events: readonly FaultpathEvent[],
  vocabularies: readonly ValidationVocabulary[],
  lockdep: boolean,
  sleepers: ReadonlySet<string>,
): ProjectedFault {
  const away = vocabularies.flatMap((vocabulary) => vocabulary.away);
  const slab = new Set(vocabularies.flatMap((vocabulary) => vocabulary.slab ?? []));
  const counts = new Map<string, { count: number; because: string }>();
  const leave = (what: string, because: string): void => {
    const row = counts.get(what) ?? { count: 0, because };
    row.count += 1;
    counts.set(what, row);
  };
  const steps: RecordedStep[] = [];
  let marks = 0;
  let open = false;

  for (const [index, event] of events.entries()) {
    if (event.type === 'lock' && event.lock === 'fs_reclaim') {
      if (event.action === 'acquired') {
        if (open) steps.push({ event, odd: 'fs_reclaim is taken twice' });
        open = true;
        marks += 1;
      } else if (event.action === 'release') {
        if (!open) steps.push({ event, odd: 'fs_reclaim is dropped without having been taken' });
        open = false;
      }
      leave('lock fs_reclaim', FOLDED.reclaimMark);
      continue;
    }
    if (event.type === 'fault') {
      leave('fault', FOLDED.frame);
      continue;
    }
    if (event.type !== 'lock' && event.type !== 'scope' && event.type !== 'alloc') continue;
    if (event.type === 'lock' && event.action !== 'acquired' && event.action !== 'release') {
      leave('lock contended', FOLDED.contended);
      continue;
    }
    const row = away.find((rule) => matches(rule, event));
    if (row?.what === 'alloc' && event.type === 'alloc' && sleepers.has(event.site) && !isSlabPage(event)) {
      steps.push({ event, odd: 'it cannot sleep, where the model says that it may' });
      continue;
    }
    if (row !== undefined) {
      leave(nameOf(event), row.because);
      continue;
    }
    if (event.type === 'alloc') {
      const says = event.effective;
      const enters = says.fs === true && says.directReclaim === true && says.nolockdep !== true;
      const refill = isRefill(event, nextAllocation(events, index, slab), slab);
      const odd = lockdep ? contradiction(open, refill ? Math.min(marks, 1) : marks, enters, event) : undefined;
      if (enters && marks > 0) marks -= 1;
      if (odd !== undefined) steps.push({ event, odd });
      else if (refill) leave('alloc page of a slab', FOLDED.refill);
      else steps.push({ event });
      continue;
    }
    if (marks > 0) {
      steps.push({ event, odd: 'fs_reclaim was taken, and no allocation followed' });
      marks = 0;
      continue;
    }
    steps.push({ event });
  }
  return { steps, leftOut: [...counts].map(([what, row]) => ({ what, ...row })) };
}

function contradiction(open: boolean, marks: number, enters: boolean, event: AllocEvent): string | undefined {
  if (open) return 'fs_reclaim was taken and not dropped';
  // A slab takes it for the object and once more for its page; nobody else does so for one allocation.
  if (marks > 1) return 'fs_reclaim was taken twice for one allocation';
  if (event.effective.how === 'unknown' || enters === marks > 0) return undefined;
  return enters
    ? 'its mask allows FS, but lockdep saw no fs_reclaim'
    : 'lockdep saw fs_reclaim, but its mask does not allow FS';
}

/** Spelling of a class in the table of what was left out. */
export function nameOf(event: RecordedStep['event']): string {
  if (event.type === 'lock') return `lock ${event.lock}`;
  if (event.type === 'scope') return `scope ${event.scope}`;
  return `alloc that cannot sleep, ${event.site}`;
}

/** Is the event one that the rule leaves out? */
export function matches(rule: AwayRule, event: RecordedStep['event']): boolean {
  if (rule.what !== event.type) return false;
  switch (rule.what) {
    case 'lock': {
      const lock = event as LockEvent;
      return (rule.lock ?? lock.lock) === lock.lock && (rule.kind ?? lock.kind) === lock.kind;
    }
    case 'scope': {
      const scope = event as ScopeEvent;
      return rule.scope === scope.scope && (rule.by ?? scope.by) === scope.by;
    }
    case 'alloc':
      return (event as AllocEvent).effective.directReclaim === false;
  }
}

/** The allocation that comes next and is not the slab's own, with nothing but `fs_reclaim` in between. */
function nextAllocation(
  events: readonly FaultpathEvent[],
  index: number,
  slab: ReadonlySet<string>,
): AllocEvent | undefined {
  for (const event of events.slice(index + 1)) {
    if (event.type === 'alloc' && !slab.has(event.site) && !isSlabPage(event)) return event;
    if (event.type === 'alloc') continue;
    if (event.type !== 'lock' || event.lock !== 'fs_reclaim') return undefined;
  }
  return undefined;
}

/** A page that a slab asks for: without retries and without the reserves, a larger one at first without sleeping. */
const isSlabPage = ({ requested, effective }: AllocEvent): boolean =>
  requested.how === 'unknown' && /__GFP_NORETRY.*__GFP_NOMEMALLOC/.test(effective.text ?? '');

/**
 * A page for a slab, or what the slab keeps objects in: directly before the object's own allocation. A slab asks for pages
 * without retries, which the page allocator's event tells without a request, and its mask may do no more than the object's.
 */
function isRefill(event: AllocEvent, next: AllocEvent | undefined, slab: ReadonlySet<string>): boolean {
  if (next === undefined || next.requested.how === 'unknown') return false;
  const own = slab.has(event.site) || (event.site === 'unknown' && isSlabPage(event));
  if (!own) {
    if (event.requested.how !== 'unknown') return false;
    if (event.site !== next.site || event.effective.text?.includes('__GFP_NORETRY') !== true) return false;
  }
  const less = (mine: boolean | undefined, its: boolean | undefined): boolean => mine !== true || its === true;
  return less(event.effective.fs, next.effective.fs) && less(event.effective.io, next.effective.io);
}

/** Says whether a recording could show a step of the model. */
export function visibility(
  vocabularies: readonly ValidationVocabulary[],
  lockdep: boolean,
): (step: ModelStep) => boolean {
  const unseen = vocabularies
    .flatMap((vocabulary) => vocabulary.unseen)
    .filter((rule) => rule.on === 'every kernel' || !lockdep);
  const cannotSleep = vocabularies.some(({ away }) => away.some((rule) => rule.what === 'alloc'));
  return ({ event }) => {
    if (event.type === 'alloc') return !(cannotSleep && event.effective.directReclaim === false);
    return !unseen.some((rule) =>
      rule.what === 'lock'
        ? event.type === 'lock' && event.lock === rule.lock
        : event.type === 'scope' && event.scope === rule.scope,
    );
  };
}
