import type { FaultpathEvent, LockKind, LockMode } from '../src/index.ts';

/** One locked region of a random program, with the regions inside it. */
export interface Region {
  readonly lock: string;
  readonly mode: LockMode;
  readonly trylock: boolean;
  readonly body: readonly Region[];
}

export type Program = readonly (readonly Region[])[];

const kinds: Readonly<Record<LockMode, LockKind>> = {
  exclusive: 'mutex',
  shared: 'rwsem',
  'recursive-shared': 'rwlock',
};

/** A small reproducible generator of numbers in [0, n). */
export function dice(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

/** Most regions follow the alphabet and most programs have few recursions, or nearly every program would deadlock. */
export function randomProgram(roll: (n: number) => number): Program {
  const locks = ['A', 'B', 'C', 'D', 'E'].slice(0, 2 + roll(4));
  const shared = roll(3);
  const unruly = 3 + roll(20);
  const gated = roll(3) === 0;
  const region = (depth: number, above: readonly number[]): Region => {
    const exclusive = shared === 0 || roll(2) === 0;
    const mode: LockMode = exclusive ? 'exclusive' : roll(3) === 0 ? 'recursive-shared' : 'shared';
    const last = above.at(-1) ?? -1;
    const tame = roll(unruly) !== 0 && last + 1 < locks.length;
    const fresh = locks.flatMap((_, at) => (above.includes(at) ? [] : [at]));
    const others = fresh.length > 0 && roll(20) > 0 ? fresh : locks.map((_, at) => at);
    const index = tame ? last + 1 + roll(locks.length - last - 1) : others[roll(others.length)]!;
    const inside = depth >= 3 || last + 2 >= locks.length ? 0 : roll(3);
    const body = Array.from({ length: inside }, () => region(depth + 1, [...above, index]));
    return { lock: locks[index]!, mode, trylock: roll(6) === 0, body };
  };
  const thread = (): Region[] => Array.from({ length: 1 + roll(2) }, () => region(0, []));
  const gate = (body: readonly Region[]): Region => ({ lock: 'G', mode: 'exclusive', trylock: false, body });
  return Array.from({ length: 1 + roll(3) }, () => (gated && roll(5) > 0 ? [gate(thread())] : thread()));
}

/** What one thread does when nobody disturbs it: the stream that lockdep sees. */
export function eventsOf(program: Program): FaultpathEvent[] {
  const events: FaultpathEvent[] = [];
  program.forEach((regions, index) => {
    const task = `t${index}`;
    const held: Region[] = [];
    const walk = (region: Region): void => {
      const mine = held.filter((other) => other.lock === region.lock);
      const excluded = mine.some((other) => other.mode === 'exclusive' || region.mode === 'exclusive');
      if (region.trylock && excluded) return;
      const base = { type: 'lock', task, lock: region.lock, instance: region.lock, mode: region.mode } as const;
      const kind = kinds[region.mode];
      const trylock = region.trylock ? { trylock: true } : {};
      events.push({ ...base, kind, ...trylock, action: 'acquire' }, { ...base, kind, ...trylock, action: 'acquired' });
      held.push(region);
      region.body.forEach(walk);
      held.pop();
      events.push({ ...base, kind, action: 'release' });
    };
    regions.forEach(walk);
  });
  return events;
}

interface Step {
  readonly kind: 'lock' | 'unlock';
  readonly region: Region;
  /** Where a failed trylock goes on. */
  readonly skip: number;
}

function compile(regions: readonly Region[]): Step[] {
  const steps: Step[] = [];
  const walk = (region: Region): void => {
    const at = steps.length;
    steps.push({ kind: 'lock', region, skip: 0 });
    region.body.forEach(walk);
    steps.push({ kind: 'unlock', region, skip: 0 });
    steps[at] = { kind: 'lock', region, skip: steps.length };
  };
  regions.forEach(walk);
  return steps;
}

interface State {
  readonly at: readonly number[];
  /** For each thread, what it holds, oldest first. */
  readonly held: readonly (readonly Region[])[];
  /** Threads that stand in the queue as a writer. */
  readonly queued: readonly boolean[];
}

/** Tries every interleaving. A fair lock: a waiting writer keeps new readers out, but not recursive ones. */
export function canDeadlock(program: Program): boolean {
  const code = program.map(compile);
  const seen = new Set<string>();
  const first: State = { at: code.map(() => 0), held: code.map(() => []), queued: code.map(() => false) };
  const stack: State[] = [first];
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    const key = JSON.stringify([
      state.at,
      state.held.map((held) => held.map(({ lock, mode }) => lock + mode)),
      state.queued,
    ]);
    if (seen.has(key)) continue;
    seen.add(key);
    const next = successors(code, state);
    if (next.length === 0 && state.at.some((at, index) => at < code[index]!.length)) return true;
    stack.push(...next);
  }
  return false;
}

function successors(code: readonly Step[][], state: State): State[] {
  const next: State[] = [];
  code.forEach((steps, thread) => {
    const step = steps[state.at[thread]!];
    if (step === undefined) return;
    const { region } = step;
    const holders = state.held.flatMap((held) => held.filter(({ lock }) => lock === region.lock));
    const move = (at: number, held: readonly Region[], queued: boolean): State => ({
      at: state.at.with(thread, at),
      held: state.held.with(thread, held),
      queued: state.queued.with(thread, queued),
    });
    const mine = state.held[thread]!;
    if (step.kind === 'unlock') {
      next.push(move(state.at[thread]! + 1, mine.slice(0, -1), false));
      return;
    }
    const writers = holders.some(({ mode }) => mode === 'exclusive');
    const waiting = state.queued.some(
      (queued, other) => queued && other !== thread && code[other]![state.at[other]!]?.region.lock === region.lock,
    );
    const free =
      region.mode === 'exclusive' ? holders.length === 0 : !writers && (region.mode === 'recursive-shared' || !waiting);
    if (free) next.push(move(state.at[thread]! + 1, [...mine, region], false));
    else if (region.trylock) next.push(move(step.skip, mine, false));
    else if (region.mode === 'exclusive' && !state.queued[thread]) next.push(move(state.at[thread]!, mine, true));
  });
  return next;
}
