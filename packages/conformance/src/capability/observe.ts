import { type Exploration, explore } from '@faultpath/engine';
import type { FaultpathEvent, LockKind, LockMode } from '@faultpath/lockdep';
import { buildFaultModel, type EraName, type Filesystem } from '@faultpath/mm';
import { eventsIn } from '../judge-model.ts';
import { around, type HandlerReturned, type Probe, probesOf } from './probes.ts';

/** Everything that was seen of an adapter in one era. */
export interface Observations {
  readonly states: number;
  readonly transitions: number;
  readonly by: ReadonlyMap<Probe, Observation>;
}

/** What was done in one probe. */
export interface Observation {
  readonly locks: readonly ObservedLock[];
  /** Modelled functions that stood on the stack at some step. */
  readonly functions: ReadonlySet<string>;
  /** What each handler that came back gave, by field. */
  readonly returned: ReadonlyMap<string, ReadonlySet<number>>;
  /** `VM_FAULT` names that the core got for a fault. */
  readonly faults: ReadonlySet<string>;
  /** Threads of the filesystem that were there, and whether each took a step. */
  readonly threads: ReadonlyMap<string, boolean>;
  /** Somebody was stuck or in error there, so that not everything was seen. */
  readonly cutShort: boolean;
}

/** A lock that somebody took, or something else that somebody waited for. */
export interface ObservedLock {
  readonly lock: string;
  readonly kind: LockKind;
  readonly mode: LockMode | 'wait';
  /** A kernel thread of the filesystem did. */
  readonly daemon: boolean;
  /** Modelled functions that were at it. */
  readonly functions: readonly string[];
}

const MOST_STATES = 50_000;

const observed = new WeakMap<Filesystem, Map<EraName, Observations>>();

/** Runs every probe of an adapter, once. Throws what building or learning a model throws. */
export function observe(fs: Filesystem, era: EraName): Observations {
  const known = observed.get(fs) ?? new Map<EraName, Observations>();
  observed.set(fs, known);
  const answer = known.get(era) ?? observeNow(fs, era);
  known.set(era, answer);
  return answer;
}

function observeNow(fs: Filesystem, era: EraName): Observations {
  const by = new Map<Probe, Observation>();
  let states = 0;
  let transitions = 0;
  for (const [probe, scenario] of probesOf(fs, era)) {
    const exploration = explore(buildFaultModel(scenario), { all: true, maxStates: MOST_STATES, witnessStates: 0 });
    states += exploration.states;
    transitions += exploration.transitions;
    by.set(probe, observationOf(exploration));
  }
  return { states, transitions, by };
}

function observationOf(exploration: Exploration): Observation {
  const locks = new Map<string, ObservedLock>();
  const functions = new Set<string>();
  const returned = new Map<string, Set<number>>();
  const faults = new Set<string>();
  const { model } = exploration.system;
  const daemons = new Set(model.threads.flatMap(({ name, daemon }) => (daemon === true ? [name] : [])));
  const threads = new Map([...daemons].map((name) => [name, false]));

  const see = (names: readonly string[], event: unknown, backtrace: readonly string[]): void => {
    for (const each of eventsIn(event) as readonly (FaultpathEvent | HandlerReturned)[]) {
      if (each.type === 'handler-returned') {
        returned.set(each.field, (returned.get(each.field) ?? new Set()).add(each.value));
        return;
      }
      if (each.type === 'fault') for (const code of each.ret ?? []) faults.add(code);
      if (each.type !== 'wait' && (each.type !== 'lock' || each.action !== 'acquired')) continue;
      const { lock, kind } = each;
      const mode = each.type === 'lock' ? each.mode : 'wait';
      const daemon = names.every((name) => daemons.has(name));
      locks.set(`${lock} ${kind} ${mode} ${daemon} ${backtrace}`, { lock, kind, mode, daemon, functions: backtrace });
    }
    for (const name of names) if (daemons.has(name)) threads.set(name, true);
    for (const each of backtrace) functions.add(each);
  };
  for (const { threads: names, passed } of exploration.prologues())
    for (const step of passed) see(names, step.event, step.backtrace);
  for (const { threads: names, from, edge } of exploration.walk()) {
    see(names, edge.alternative.event, from.backtrace);
    for (const step of edge.passed) see(names, step.event, step.backtrace);
  }
  const cutShort = !exploration.exhausted || exploration.deadlocks.length + exploration.errors.length > 0;
  return { locks: [...locks.values()], functions, returned, faults, threads, cutShort };
}

/** A handler took at least one step somewhere. */
export function takesStep({ by }: Observations, field: string): boolean {
  return [...by.values()].some(({ functions }) => functions.has(around(field)));
}
