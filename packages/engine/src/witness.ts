import type { ActionSet } from './actions.ts';
import type { Hold } from './op.ts';
import { packedRun } from './run.ts';
import { formatSchedule, type Move } from './schedule.ts';
import { type RunStep, simulate, type ThreadSnapshot } from './simulate.ts';
import type { System } from './system.ts';

/** A stuck thread: what it holds, what it waits for, and which stuck threads have that. */
export interface Waiter {
  readonly thread: number;
  readonly name: string;
  readonly holds: readonly Hold[];
  readonly wants: Hold | undefined;
  /** Indexes of the threads that hold what it wants; empty for a lost wake-up or a missing supplier. */
  readonly waitsFor: readonly number[];
  /** Modelled functions at the wait, innermost first. */
  readonly backtrace: readonly string[];
  readonly locals: readonly number[];
}

/** A run that ends where threads are stuck, or in a model error. */
export interface Witness {
  readonly schedule: string;
  readonly moves: readonly Move[];
  readonly steps: readonly RunStep[];
  readonly threads: readonly ThreadSnapshot[];
  readonly waiters: readonly Waiter[];
  /** Threads that wait for each other in a ring, starting anywhere; empty when no ring was found. */
  readonly cycle: readonly Waiter[];
  /** Times that the schedule goes from one thread to another. */
  readonly switches: number;
}

/** Plays the moves and describes the end. `stuck` are the threads to explain. */
export function describeWitness(system: System, moves: readonly Move[], stuck: readonly number[]): Witness {
  const simulation = simulate(system);
  const steps = moves.map((move) => simulation.step(move));
  const threads = simulation.threads();
  const waiters = stuck.map((thread): Waiter => {
    const snapshot = threads[thread] as ThreadSnapshot;
    return {
      thread,
      name: snapshot.name,
      holds: snapshot.held,
      wants: snapshot.wants,
      waitsFor: snapshot.wants === undefined ? [] : holdersOf(snapshot.wants, thread, threads),
      backtrace: snapshot.backtrace,
      locals: snapshot.locals,
    };
  });
  return {
    schedule: formatSchedule(moves),
    moves,
    steps,
    threads,
    waiters,
    cycle: findCycle(waiters),
    switches: countSwitches(moves),
  };
}

function holdersOf(wants: Hold, thread: number, threads: readonly ThreadSnapshot[]): number[] {
  const against = (hold: Hold): boolean =>
    hold.object.id === wants.object.id && !(hold.mode === 'shared' && wants.mode === 'shared');
  const rank = (snapshot: ThreadSnapshot): number =>
    snapshot.held.some((hold) => against(hold) && hold.mode !== 'queued') ? 0 : 1;
  return threads
    .filter((snapshot) =>
      snapshot.held.some((hold) => against(hold) && !(snapshot.thread === thread && hold.mode === 'queued')),
    )
    .sort((left, right) => rank(left) - rank(right))
    .map((snapshot) => snapshot.thread);
}

function findCycle(waiters: readonly Waiter[]): readonly Waiter[] {
  const byThread = new Map(waiters.map((waiter) => [waiter.thread, waiter]));
  let best: readonly Waiter[] = [];
  const walk = (path: readonly Waiter[]): void => {
    const last = path.at(-1) as Waiter;
    for (const next of last.waitsFor) {
      const waiter = byThread.get(next);
      if (waiter === undefined) continue;
      const at = path.indexOf(waiter);
      if (at < 0) {
        if (best.length === 0 || path.length < best.length) walk([...path, waiter]);
      } else if (best.length === 0 || path.length - at < best.length) best = path.slice(at);
    }
  };
  for (const waiter of waiters) walk([waiter]);
  return best;
}

function countSwitches(moves: readonly Move[]): number {
  let switches = 0;
  for (let index = 1; index < moves.length; index++) if (moves[index]?.thread !== moves[index - 1]?.thread) switches++;
  return switches;
}

/** Threads that nothing can free after the moves; undefined when a move is not possible, or, `wholly`, one is left. */
function stuckAfter(system: System, moves: readonly Move[], wholly: boolean): readonly number[] | undefined {
  const run = packedRun(system);
  for (const move of moves) if (!run.take(move)) return undefined;
  return wholly && run.moves().length > 0 ? undefined : run.stuck();
}

/**
 * Makes a dead end's schedule shorter without changing which threads are stuck: leaves out whole threads and tails
 * of threads that the others don't need, then puts steps of one thread together where the order does not matter.
 * With `wholly` nothing may be able to move at the end.
 */
export function shorten(
  system: System,
  moves: readonly Move[],
  stuck: readonly number[],
  wholly = false,
): readonly Move[] {
  const works = (candidate: readonly Move[]): boolean => {
    const after = stuckAfter(system, candidate, wholly);
    return after !== undefined && stuck.every((thread) => after.includes(thread));
  };
  let best = moves;
  for (let thread = 0; thread < system.automatonOf.length; thread++) {
    const total = best.filter((move) => move.thread === thread).length;
    for (let keep = 0; keep < total; keep++) {
      let seen = 0;
      const candidate = best.filter((move) => move.thread !== thread || seen++ < keep);
      if (!works(candidate)) continue;
      best = candidate;
      break;
    }
  }
  const grouped = groupByThread(system, best);
  return works(grouped) && countSwitches(grouped) < countSwitches(best) ? grouped : best;
}

/** Reorders independent steps so that the schedule changes threads less often. */
function groupByThread(system: System, moves: readonly Move[]): readonly Move[] {
  const run = packedRun(system);
  const actions: number[] = [];
  for (const move of moves) {
    actions.push(run.action(move));
    if (!run.take(move)) return moves;
  }
  const left = moves.map((_, index) => index);
  const ordered: number[] = [];
  let last = -1;
  while (left.length > 0) {
    const free = left.filter((index) =>
      left.every((earlier) => earlier >= index || !ordersBefore(system, moves, actions, earlier, index)),
    );
    const next = free.find((index) => moves[index]?.thread === last) ?? (free[0] as number);
    ordered.push(next);
    last = (moves[next] as Move).thread;
    left.splice(left.indexOf(next), 1);
  }
  return ordered.map((index) => moves[index] as Move);
}

function ordersBefore(
  system: System,
  moves: readonly Move[],
  actions: readonly number[],
  earlier: number,
  later: number,
): boolean {
  if (moves[earlier]?.thread === moves[later]?.thread) return true;
  const a = actions[earlier] as number;
  const b = actions[later] as number;
  const { conflicts, excludes, enables } = system.relations;
  return has(conflicts[a], b) || has(excludes[a], b) || (enables[b] ?? []).some((set) => has(set, a));
}

function has(set: ActionSet | undefined, id: number): boolean {
  return set !== undefined && (((set[id >>> 5] as number) >>> (id & 31)) & 1) === 1;
}
