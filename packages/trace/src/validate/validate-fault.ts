import type { FaultpathEvent, ValidationVocabulary } from '@faultpath/lockdep';
import { type FaultAutomaton, type ModelStep, type Point, pointsOf, reach } from './automaton.ts';
import { createCompare, siteNames } from './compare.ts';
import { type LeftOut, projectFault, type RecordedStep, visibility } from './project.ts';
import { compileReclaim, type ReclaimPart, type ReclaimVerdict } from './reclaim.ts';

/** How a recording and a model are compared. */
export interface Projection {
  readonly vocabularies: readonly ValidationVocabulary[];
  /** Release of the recorded kernel: masks are read with its names. */
  readonly kernel: string;
  /** The recording comes from a kernel with lockdep. */
  readonly lockdep: boolean;
}

/** Where the recording and the model part. */
export interface Disagreement {
  /** The last event that both have; absent where they differ from the first. */
  readonly agreed?: RecordedStep['event'];
  /** What the kernel did; absent where its fault ends and the model must go on. */
  readonly kernel?: RecordedStep['event'];
  /** Set where the recording contradicts itself. */
  readonly odd?: string;
  /** What the model could have done instead, each with its backtrace; empty where its fault ends. */
  readonly offered: readonly ModelStep[];
  /** The model's fault may end here. */
  readonly mayEnd: boolean;
}

export interface FaultVerdict {
  readonly verdict: 'accepted' | 'refused';
  /** Events that were compared. */
  readonly compared: number;
  readonly leftOut: readonly LeftOut[];
  readonly disagreement?: Disagreement;
}

/** What of a fault is compared. */
export interface RecordedFault {
  readonly events: readonly FaultpathEvent[];
  /** Nothing tells where it ends: it ends where the model does, and what stands behind is not its. */
  readonly openEnded?: boolean;
}

/** Compiled once an automaton: a recording can have many faults of one kind. */
export interface CompiledFaults {
  validate(fault: RecordedFault): FaultVerdict;
  /** Holds what a fault did inside reclaim against the model of that. */
  reclaims(automaton: FaultAutomaton): (part: ReclaimPart) => ReclaimVerdict;
}

/** Decides whether the events of a fault are a word of the automaton. Guards on what other tasks do are not asked. */
export function validateFault(fault: RecordedFault, automaton: FaultAutomaton, projection: Projection): FaultVerdict {
  return compileFaults(automaton, projection).validate(fault);
}

export function compileFaults(automaton: FaultAutomaton, projection: Projection): CompiledFaults {
  const { vocabularies, lockdep, kernel } = projection;
  const visible = visibility(vocabularies, lockdep);
  const sites = { sleeping: new Set<string>(), atomic: new Set<string>() };
  const start = pointsOf(automaton, (step) => {
    const { event } = step;
    if (event.type === 'alloc')
      (event.effective.directReclaim === true ? sites.sleeping : sites.atomic).add(event.site);
    return visible(step);
  });
  const sleepers = namesOf(sites, vocabularies);
  const same = createCompare(vocabularies, kernel);

  return {
    reclaims: (model) => compileReclaim(model, vocabularies, same, visible),
    validate({ events, openEnded = false }) {
      const { steps, leftOut } = projectFault(events, vocabularies, lockdep, sleepers);
      let at = reach([start]);
      // Of an open-ended fault: how many steps it has at most.
      let ends: number | undefined;
      for (const [index, recorded] of steps.entries()) {
        const next = new Set<Point>();
        for (const point of at) for (const { step, to } of point.steps) if (same(recorded, step)) next.add(to);
        if (openEnded && endsFault(steps[index - 1]) && mayEnd(at)) ends = index;
        if (next.size === 0) {
          if (ends !== undefined) return accepted(ends, leftOut, steps.length - ends);
          const { event, odd } = recorded;
          return refused(at, steps, index, leftOut, { kernel: event, ...(odd === undefined ? {} : { odd }) });
        }
        at = reach(next);
      }
      if (mayEnd(at)) return accepted(steps.length, leftOut, 0);
      if (ends !== undefined) return accepted(ends, leftOut, steps.length - ends);
      return refused(at, steps, steps.length, leftOut, {});
    },
  };
}

/** What recordings call the sites at which the model only ever makes allocations that may sleep. */
function namesOf(
  { sleeping, atomic }: { readonly sleeping: ReadonlySet<string>; readonly atomic: ReadonlySet<string> },
  vocabularies: readonly ValidationVocabulary[],
): ReadonlySet<string> {
  const names = new Set([...sleeping].filter((site) => !atomic.has(site)));
  for (const [name, sites] of siteNames(vocabularies)) {
    const here = sites.filter((site) => sleeping.has(site) || atomic.has(site));
    if (here.length > 0 && here.every((site) => names.has(site))) names.add(name);
  }
  return names;
}

/** The last thing that any fault does. */
const endsFault = (step: RecordedStep | undefined): boolean =>
  step?.event.type === 'lock' && step.event.action === 'release' && step.event.lock === 'mmap_lock';

function accepted(compared: number, leftOut: readonly LeftOut[], behind: number): FaultVerdict {
  const because =
    'the fault was taken inside the kernel, and no record tells where it ends: its task went on with this';
  const rows = behind === 0 ? leftOut : [...leftOut, { what: 'record behind the fault', count: behind, because }];
  return { verdict: 'accepted', compared, leftOut: rows };
}

const mayEnd = (at: ReadonlySet<Point>): boolean => [...at].some(({ final }) => final);

function refused(
  at: ReadonlySet<Point>,
  steps: readonly RecordedStep[],
  index: number,
  leftOut: readonly LeftOut[],
  kernel: Pick<Disagreement, 'kernel' | 'odd'>,
): FaultVerdict {
  const agreed = steps[index - 1]?.event;
  const disagreement: Disagreement = {
    ...(agreed === undefined ? {} : { agreed }),
    ...kernel,
    offered: offers(at),
    mayEnd: mayEnd(at),
  };
  return { verdict: 'refused', compared: index, leftOut, disagreement };
}

/** What the model could do next, each thing once. */
function offers(at: ReadonlySet<Point>): readonly ModelStep[] {
  const found = new Map<string, ModelStep>();
  for (const { steps } of at) {
    for (const { step } of steps) {
      const key = JSON.stringify([step.event, step.backtrace]);
      if (!found.has(key)) found.set(key, step);
    }
  }
  return [...found.values()];
}
