import { fingerprintOf, restore } from './checkpoint.ts';
import type { Level } from './chooser.ts';
import { EngineError } from './errors.ts';
import { createExpander, type Listener } from './expansion.ts';
import { stuckForEver } from './for-ever.ts';
import { createLook } from './look.ts';
import { matcherOf } from './matcher.ts';
import { createNovelty } from './novelty.ts';
import type { Ahead } from './parallel/ahead.ts';
import { createProviso } from './proviso.ts';
import {
  type DeadEnd,
  type ErrorStep,
  fusesAt,
  type SearchOptions,
  type SearchProgress,
  type SearchResult,
} from './search-options.ts';
import { createSleep } from './sleep.ts';
import { createNumberList, createStore } from './store.ts';
import { looksLater, looksNow, type StuckState, stuckStates } from './stuck-states.ts';
import type { CompiledAutomaton, System } from './system.ts';

export type { DeadEnd, SearchOptions, SearchProgress, SearchResult } from './search-options.ts';

const PROGRESS_EVERY = 8192;
const MOST_EDGES = 31;

/** Explores the states of a system. */
export function search(system: System, options: SearchOptions): SearchResult {
  const steps = searchSteps(system, options);
  let next = steps.next(true);
  while (next.done !== true) next = steps.next(options.onProgress?.(next.value) !== false);
  return next.value;
}

/**
 * The same, with a pause every few thousand expanded states, and whenever states are wanted from who runs `ahead`; given
 * false, the search ends there, incomplete.
 */
export function* searchSteps(
  system: System,
  options: SearchOptions,
  ahead?: Ahead,
): Generator<SearchProgress, SearchResult, boolean> {
  const { automata, automatonOf } = system;
  const width = system.layout.words;
  const automatonOfThread = automatonOf.map((index) => automata[index] as CompiledAutomaton);
  const look = createLook(system);
  const sleep = options.sleepSets === true ? createSleep(system, options.resume?.sleep) : undefined;
  const matcher = matcherOf(system, options);
  const store = ahead?.store ?? createStore(width, matcher);
  const novelty = matcher === undefined ? undefined : createNovelty(system, ahead?.seen);
  const parents = createNumberList();
  /** One state that each leads to, the last that was met: mostly the one furthest on. */
  const leadsTo = createNumberList();
  const levels = createLevels();
  const work = createNumberList();
  const firstTaken = new Int32Array(system.edgeCount).fill(-1);
  const proviso = options.proviso && options.persistentSets ? createProviso(options.resume?.proviso) : undefined;
  /** A state that leads out of the round which the state being expanded further belongs to; -1 for none. */
  let away = -1;
  let goesRound = false;
  const deadEnds: DeadEnd[] = [];
  const errors: ErrorStep[] = [];
  const seenStuck = new Set<string>();
  const seenErrors = new Set<string>();
  /** Threads that were reported, as they stand. */
  const stuckPlaces = new Set<string>();
  /** Are stuck threads reported when all is explored? */
  const later = looksLater(options);
  /** Some thread was seen to be stuck. */
  let suspected = options.resume?.suspected ?? false;
  /** The state that is being expanded. */
  let id = 0;
  let done = 0;
  /** Transitions that were taken by somebody else. */
  let elsewhere = 0;
  let stop = false;
  let exhausted = true;

  const words = new Int32Array(width);
  const controlsOf = (state: number): Int32Array => {
    store.read(state, words);
    return look(words).controls;
  };
  const placesOf = (state: number, members: readonly number[]): readonly string[] => {
    const controls = controlsOf(state);
    return members.map((t) => `${automatonOf[t]}:${controls[t]}`);
  };

  const report = ({ state, threads, wholly }: StuckState): void => {
    const places = placesOf(state, threads);
    // The same threads stuck at the same place are one finding, whatever the others do meanwhile.
    const key = options.partialDeadlocks ? places.toSorted().join() : `${state}`;
    for (const place of places) stuckPlaces.add(place);
    if (seenStuck.has(key)) return;
    seenStuck.add(key);
    deadEnds.push({ state, threads, partial: !wholly });
    if (options.stopAtFirst) stop = true;
  };

  const visitor: Listener = {
    taken(edge) {
      if (firstTaken[edge] === -1) firstTaken[edge] = id;
    },
    broken(thread, edge, fits) {
      const automaton = automatonOfThread[thread] as CompiledAutomaton;
      const error = errorOf(automaton, controlsOf(id)[thread] as number, edge, fits);
      const key = `${automaton.edgeBase + edge} ${error.code}`;
      if (seenErrors.has(key)) return true;
      seenErrors.add(key);
      errors.push({ state: id, thread, edge, ...error });
      if (options.stopAtFirst) stop = true;
      return !stop;
    },
    stuck(threads, wholly) {
      suspected = true;
      if (!later) report({ state: id, threads, wholly });
      return !stop;
    },
    reached(next, asleep) {
      const listed = store.add(next);
      const target = listed < 0 && novelty?.in(next) === true ? store.append(next) : listed;
      if (target >= 0) {
        novelty?.add(next);
        sleep?.store(asleep);
        parents.push(id);
        leadsTo.push(-1);
        if (options.order === 'dfs') work.push(target);
      } else sleep?.meet(~target, asleep);
      visitor.met(target < 0 ? ~target : target);
      return listed < 0 ? ~listed : listed;
    },
    met(target) {
      if (target > leadsTo.at(id)) leadsTo.set(id, target);
      if (goesRound && away < 0 && proviso?.leadsAway(id, target) === true) away = target;
    },
  };
  const expander = createExpander(system, options, visitor, sleep);

  for (const automaton of automata) requireFewEdges(automaton);
  if (options.resume === undefined) {
    store.add(system.initial);
    novelty?.add(system.initial);
    parents.push(-1);
    leadsTo.push(-1);
    sleep?.store(0);
    if (options.order === 'dfs') work.push(0);
  } else {
    if (options.order === 'dfs')
      throw new EngineError('ENGINE_CHECKPOINT', 'resume', 'only a breadth-first search can be resumed');
    restore(options.resume, fingerprintOf(system, options), width, { store, parents, firstTaken });
    ({ done, transitions: elsewhere } = options.resume);
    deadEnds.push(...options.resume.deadEnds);
    errors.push(...options.resume.errors);
    for (const key of options.resume.seen) seenStuck.add(key);
    for (const error of errors) {
      const automaton = automatonOfThread[error.thread] as CompiledAutomaton;
      seenErrors.add(`${automaton.edgeBase + error.edge} ${error.code}`);
    }
    for (let state = 0; state < store.count && novelty !== undefined; state++) {
      store.read(state, words);
      novelty.add(words);
    }
    for (const way of options.resume.ways) leadsTo.push(way);
    for (const [state, level] of options.resume.levels.entries()) levels.set(state, level as Level);
    for (const { state, threads } of deadEnds) for (const place of placesOf(state, threads)) stuckPlaces.add(place);
  }

  const visit = (state: number): void => {
    id = state;
    store.read(id, expander.words);
    expander.look(sleep?.of(id) ?? 0, fusesAt(options, id));
  };

  /** Expands a state further whose steps only go round, as those of an idle daemon do. */
  const lead = (state: number): void => {
    visit(state);
    away = -1;
    goesRound = true;
    // Another persistent set may lead on.
    if (levels.of(id) === 0 && expander.widen()) levels.set(id, 1);
    goesRound = false;
    if (away >= 0) {
      proviso?.leads(id, away);
      return;
    }
    expander.complete(levels.of(id));
    levels.set(id, 2);
    proviso?.settle(id);
  };

  while (!stop) {
    const again = sleep?.next();
    if (again !== undefined) {
      visit(again.id);
      expander.wake(levels.of(id), again.awake);
      continue;
    }
    if (options.order === 'dfs' ? work.length === 0 : done === store.count) {
      const rounds = proviso?.rounds(store.count) ?? [];
      if (rounds.length === 0) break;
      for (const each of rounds) if (!stop) lead(each);
      continue;
    }
    if (ahead?.wants(done) === true && !(yield progress())) {
      exhausted = false;
      break;
    }
    id = options.order === 'dfs' ? work.pop() : done;
    done++;
    let level: Level | undefined;
    if (ahead?.has(id) === true) {
      const told = ahead.tell(id, visitor);
      elsewhere += told.transitions;
      level = told.level;
    } else {
      visit(id);
      sleep?.expanded(id);
      level = expander.expand(looksNow(id, options));
    }
    if (stop) break;
    if (level === undefined || level === 2) proviso?.settle(id);
    else proviso?.leads(id, leadsTo.at(id));
    if (level === undefined) continue;
    levels.set(id, level);
    const found = suspected || errors.length > 0;
    if (store.count > (found ? (options.maxStatesAfterFinding ?? options.maxStates) : options.maxStates)) {
      exhausted = false;
      break;
    }
    if (done % PROGRESS_EVERY === 0 && !(yield progress())) {
      exhausted = false;
      break;
    }
  }
  if (stop) exhausted = false;
  if (later) for (const each of stuckStates(system, options, { store, leadsTo, expanded: done })) report(each);
  // What sleeps is seen elsewhere, and who is stuck for ever not told by what is left here.
  const exact = options.exactPartialDeadlocks === true && options.partialDeadlocks && sleep === undefined;
  if (exact && exhausted && errors.length === 0 && (!options.persistentSets || options.proviso)) {
    for (const { state, threads: members } of stuckForEver(system, { options, store, leadsTo, level: levels.of })) {
      const places = placesOf(state, members);
      if (places.every((place) => stuckPlaces.has(place))) continue;
      for (const place of places) stuckPlaces.add(place);
      deadEnds.push({ state, threads: members, partial: true });
      if (options.stopAtFirst) break;
    }
  }
  return {
    states: store.count,
    transitions: transitions(),
    exhausted,
    deadEnds,
    errors,
    firstTaken,
    store,
    parents,
    bytes: bytes(),
    options,
    passages: options.bisimulation && options.persistentSets ? system.passages : automata.map(noPassages),
    checkpoint: () => ({
      version: 3,
      fingerprint: fingerprintOf(system, options),
      done,
      transitions: transitions(),
      vectors: allVectors(),
      parents: Int32Array.from({ length: parents.length }, (_, state) => parents.at(state)),
      ways: Int32Array.from({ length: store.count }, (_, state) => leadsTo.at(state)),
      levels: Uint8Array.from({ length: store.count }, (_, state) => levels.of(state)),
      firstTaken,
      deadEnds,
      errors,
      seen: [...seenStuck],
      suspected,
      ...(proviso === undefined ? {} : { proviso: proviso.saved() }),
      ...(sleep === undefined ? {} : { sleep: sleep.saved() }),
    }),
  };

  function allVectors(): Int32Array {
    const vectors = new Int32Array(store.count * width);
    for (let state = 0; state < store.count; state++)
      store.read(state, vectors.subarray(state * width, (state + 1) * width));
    return vectors;
  }

  function transitions(): number {
    return elsewhere + expander.transitions;
  }

  function progress(): SearchProgress {
    return { states: store.count, transitions: transitions(), frontier: store.count - done, bytes: bytes() };
  }

  function bytes(): number {
    return store.bytes + parents.length * 4 + work.length * 4;
  }
}

function noPassages({ states }: { readonly states: number }): Int32Array {
  return new Int32Array(states).fill(-1);
}

function requireFewEdges(automaton: CompiledAutomaton): void {
  for (const state of automaton.minimal.states) {
    if (state.edges.length > MOST_EDGES) {
      throw new EngineError(
        'ENGINE_BAD_OP',
        state.example.op?.name ?? 'op',
        `has ${state.edges.length} alternatives; at most ${MOST_EDGES} are possible, split the step`,
      );
    }
  }
}

/** What is wrong with a step from a control state. */
function errorOf(
  { minimal, edgeStart }: CompiledAutomaton,
  control: number,
  edge: number,
  fits: boolean,
): { readonly code: string; readonly message: string } {
  const state = minimal.states[control];
  const declared = state?.edges[edge - (edgeStart[control] as number)]?.error;
  // What a function throws comes after the step that led to it.
  if (declared !== undefined && (fits || declared.code !== 'engine/threw')) return declared;
  return {
    code: 'engine/cell-range',
    message: `${state?.example.op?.name ?? 'a step'} takes a shared cell out of its domain`,
  };
}

function createLevels(): { set(id: number, level: Level): void; of(id: number): Level } {
  let levels = new Uint8Array(1 << 8);
  return {
    set(id, level) {
      if (id >= levels.length) {
        const larger = new Uint8Array(Math.max(levels.length * 2, id + 1));
        larger.set(levels);
        levels = larger;
      }
      levels[id] = level;
    },
    of: (id) => (levels[id] ?? 0) as Level,
  };
}
