import type { FaultpathEvent, LockEvent, MaskFact, ReclaimEvent, ValidationVocabulary } from '@faultpath/lockdep';
import { type FaultAutomaton, type Point, pointsOf, reach } from './automaton.ts';
import type { Compare } from './compare.ts';
import { type LeftOut, matches, nameOf } from './project.ts';
import { tell } from './tell.ts';

/** What a fault did inside one entry into reclaim. */
export interface ReclaimPart {
  readonly via: ReclaimEvent['via'];
  readonly effective: MaskFact;
  readonly events: readonly FaultpathEvent[];
}

/** A fault without what it did inside reclaim, and that. */
export interface SplitFault {
  readonly events: readonly FaultpathEvent[];
  readonly parts: readonly ReclaimPart[];
}

/** Takes what a fault did inside reclaim out of it. Direct reclaim has `fs_reclaim` around it, which goes with it. */
export function splitReclaim(events: readonly FaultpathEvent[]): SplitFault {
  const outer: FaultpathEvent[] = [];
  const parts: ReclaimPart[] = [];
  let open: { readonly enter: ReclaimEvent; readonly events: FaultpathEvent[] } | undefined;
  let skipRelease = false;
  for (const event of events) {
    if (open !== undefined) {
      if (event.type === 'reclaim' && event.action === 'exit') {
        const { via, effective } = open.enter;
        parts.push({ via, effective, events: open.events });
        open = undefined;
      } else open.events.push(event);
    } else if (event.type === 'reclaim' && event.action === 'enter') {
      open = { enter: event, events: [] };
      skipRelease = event.via === 'direct' && isMark(outer.at(-1), 'acquired');
      if (skipRelease) outer.pop();
    } else if (skipRelease && isMark(event, 'release')) skipRelease = false;
    else outer.push(event);
  }
  if (open !== undefined) parts.push({ via: open.enter.via, effective: open.enter.effective, events: open.events });
  return { events: outer, parts };
}

const isMark = (event: FaultpathEvent | undefined, action: LockEvent['action']): boolean =>
  event?.type === 'lock' && event.lock === 'fs_reclaim' && event.action === action;

/** What became of a part: what the comparison left out of it, or why it is not what the model of reclaim does. */
export type ReclaimVerdict =
  | { readonly leftOut: readonly LeftOut[] }
  | { readonly notrun: string }
  | { readonly refused: LockEvent };

/** Decides what a fault did inside reclaim: in any number of rounds, each of which is a word of the model's. */
export function compileReclaim(
  automaton: FaultAutomaton,
  vocabularies: readonly ValidationVocabulary[],
  same: Compare,
  visible: Parameters<typeof pointsOf>[1],
): (part: ReclaimPart) => ReclaimVerdict {
  const start = pointsOf(automaton, visible);
  const away = vocabularies.flatMap((vocabulary) => vocabulary.away);
  const tried = vocabularies.flatMap((vocabulary) => vocabulary.inReclaim ?? []);
  const rounds = reach([start]);
  const known = classesOf(start);

  return ({ effective, events }) => {
    let at = rounds;
    const leftOut = new Map<string, LeftOut>();
    for (const event of events) {
      if (event.type !== 'lock' && event.type !== 'scope' && event.type !== 'alloc') continue;
      if (event.type === 'lock' && event.action !== 'acquired' && event.action !== 'release') continue;
      if (event.type === 'lock' && event.lock === 'fs_reclaim') continue;
      const row =
        away.find((rule) => matches(rule, event)) ?? tried.find((rule) => matches(rule, event) && isTried(event));
      if (row !== undefined) {
        const what = `${nameOf(event)} inside reclaim`;
        leftOut.set(what, { what, count: (leftOut.get(what)?.count ?? 0) + 1, because: row.because });
        continue;
      }
      if (event.type === 'lock' && effective.fs === false && known.has(event.lock)) return { refused: event };
      if (event.type === 'lock' && !known.has(event.lock)) {
        return { notrun: `${event.lock}, which the model of reclaim does not take` };
      }
      const next = new Set<Point>();
      for (const point of at) for (const { step, to } of point.steps) if (same({ event }, step)) next.add(to);
      if (next.size === 0)
        return { notrun: `${tell(event)}, which the model of reclaim, one inode a round, has not there` };
      at = reach(next);
    }
    // A round is over where the next may begin.
    const over = [...at].some((point) => point.final || rounds.has(point));
    return over
      ? { leftOut: [...leftOut.values()] }
      : { notrun: 'less than what the model of reclaim does in a round' };
  };
}

/** Reclaim tries it and does not wait; its release does not tell how it was taken. */
const isTried = (event: FaultpathEvent): boolean =>
  event.type !== 'lock' || event.action === 'release' || event.trylock === true;

/** Every lock that the model takes. */
function classesOf(start: Point): ReadonlySet<string> {
  const classes = new Set<string>();
  const seen = new Set([start]);
  for (const point of seen) {
    for (const next of point.silent) seen.add(next);
    for (const { step, to } of point.steps) {
      if (step.event.type === 'lock') classes.add(step.event.lock);
      seen.add(to);
    }
  }
  return classes;
}
