import { createCanonicaliser } from './canonical.ts';
import { fingerprintOf, restore } from './checkpoint.ts';
import { EngineError } from './errors.ts';
import { type Level, stuckForEver } from './for-ever.ts';
import { createFutures, createStandingFutures } from './futures.ts';
import { createGlider } from './glide.ts';
import { type Field, writeField } from './layout.ts';
import { createLook } from './look.ts';
import { createProviso } from './proviso.ts';
import { createReducer } from './reduce.ts';
import type { DeadEnd, ErrorStep, SearchOptions, SearchProgress, SearchResult } from './search-options.ts';
import { createSleep } from './sleep.ts';
import { createNumberList, createStore } from './store.ts';
import { createStuckFinder } from './stuck.ts';
import type { CompiledAutomaton, System } from './system.ts';

export type { DeadEnd, ErrorStep, SearchOptions, SearchProgress, SearchResult } from './search-options.ts';

const PROGRESS_EVERY = 8192;
const MOST_EDGES = 31;

/** Explores the states of a system. */
export function search(system: System, options: SearchOptions): SearchResult {
  const steps = searchSteps(system, options);
  let next = steps.next(true);
  while (next.done !== true) next = steps.next(options.onProgress?.(next.value) !== false);
  return next.value;
}

/** The same, with a pause every few thousand expanded states; given false, the search ends there, incomplete. */
export function* searchSteps(system: System, options: SearchOptions): Generator<SearchProgress, SearchResult, boolean> {
  const { automata, automatonOf, layout, apply } = system;
  const threads = automatonOf.length;
  const width = layout.words;
  const automatonOfThread = automatonOf.map((index) => automata[index] as CompiledAutomaton);
  const fields = layout.threads;
  const canonicaliser = createCanonicaliser(system, options.symmetry);
  // What can never happen again costs much to tell and reduces little; threads that are stuck show by it.
  const futures = createStandingFutures(system);
  const reducer = options.persistentSets ? createReducer(system, futures) : undefined;
  const stuck = createStuckFinder(system, (options.exactFutures ?? true) ? createFutures(system) : futures);
  const glider = reducer !== undefined && options.fuse ? createGlider(system) : undefined;
  const look = createLook(system);
  const sleep = options.sleepSets === true ? createSleep(system) : undefined;
  /** Threads that sleep in the state that is being made, and whether its glide ended at one of them. */
  let asleep = 0;
  let fellAsleep = false;
  const store = createStore(width);
  const parents = createNumberList();
  /** One state that each leads to, the last that was met: mostly the one furthest on. */
  const leadsTo = createNumberList();
  const widened = createFlags();
  const full = createFlags();
  const work = createNumberList();
  const firstTaken = new Int32Array(system.edgeCount).fill(-1);
  const proviso = options.proviso && reducer !== undefined ? createProviso() : undefined;
  /** A state that leads out of the round which the state being expanded further belongs to; -1 for none. */
  let away = -1;
  let goesRound = false;
  const deadEnds: DeadEnd[] = [];
  const errors: ErrorStep[] = [];
  const seenStuck = new Set<string>();
  const seenErrors = new Set<string>();
  /** Threads that were reported, as they stand. */
  const stuckPlaces = new Set<string>();

  const words = new Int32Array(width);
  const next = new Int32Array(width);
  const here = look(system.initial);
  const { controls, masks } = here;
  const chosen = new Uint8Array(threads);
  const already = new Uint8Array(threads);
  /** Threads that sleep in the state that is being expanded, and those that were expanded there. */
  let sleeping = 0;
  let transitions = 0;
  let stop = false;
  /** A step of the state just expanded is an error: its run ends there. */
  let broke = false;
  let exhausted = true;

  for (const automaton of automata) requireFewEdges(automaton);
  let done = 0;
  if (options.resume === undefined) {
    words.set(system.initial);
    store.add(words);
    parents.push(-1);
    leadsTo.push(-1);
    sleep?.store(0);
    if (options.order === 'dfs') work.push(0);
  } else {
    if (options.order === 'dfs')
      throw new EngineError('ENGINE_CHECKPOINT', 'resume', 'only a breadth-first search can be resumed');
    if (sleep !== undefined)
      throw new EngineError('ENGINE_CHECKPOINT', 'resume', 'a search with sleep sets cannot be resumed');
    restore(options.resume, fingerprintOf(system, options), width, { store, parents, firstTaken });
    ({ done, transitions } = options.resume);
    deadEnds.push(...options.resume.deadEnds);
    errors.push(...options.resume.errors);
    for (const key of options.resume.seen) seenStuck.add(key);
    for (const error of errors) {
      const automaton = automatonOfThread[error.thread] as CompiledAutomaton;
      seenErrors.add(`${automaton.edgeBase + error.edge} ${error.code}`);
    }
    for (const way of options.resume.ways) leadsTo.push(way);
    for (let id = 0; id < done; id++) {
      const level = options.resume.levels[id];
      if (level === 1) widened.add(id);
      if (level === 2) full.add(id);
      if (level === 2 || leadsTo.at(id) < 0) proviso?.settle(id);
      else proviso?.leads(id, leadsTo.at(id));
    }
  }

  /** Takes every enabled edge of the chosen threads. */
  const expand = (id: number, skip: Uint8Array | undefined): void => {
    for (let t = 0; t < threads; t++) {
      if (chosen[t] === 0 || (skip !== undefined && skip[t] === 1) || (sleeping >>> t) & 1) continue;
      let mask = masks[t] as number;
      if (mask === 0) continue;
      const before = sleeping;
      if (sleep !== undefined) sleeping |= 1 << t;
      const automaton = automatonOfThread[t] as CompiledAutomaton;
      const first = automaton.edgeStart[controls[t] as number] as number;
      for (let offset = 0; mask !== 0; offset++, mask >>>= 1) {
        if ((mask & 1) === 0) continue;
        const edge = first + offset;
        const number = automaton.edgeBase + edge;
        if (firstTaken[number] === -1) firstTaken[number] = id;
        transitions++;
        next.set(words);
        const fits = apply(automaton.edgeAction[edge] as number, next);
        if (!fits || automaton.edgeError[edge] === 1) {
          report(id, t, edge, fits);
          broke = true;
          if (stop) return;
          continue;
        }
        writeField(fields[t] as Field, next, automaton.edgeTo[edge] as number);
        asleep = before === 0 ? 0 : (sleep?.after(before, automaton.edgeAction[edge] as number, words) ?? 0);
        fellAsleep = false;
        if (glider !== undefined) transitions += glider.along(here, { thread: t, edge }, next, mayGlide);
        // Whoever asks for more than deadlocks asks also for what others may do meanwhile.
        if (fellAsleep && !options.proviso) continue;
        asleep = canonicaliser?.canonicalise(next, undefined, asleep) ?? asleep;
        const target = store.add(next);
        if (target >= 0) sleep?.store(asleep);
        else sleep?.meet(~target, asleep);
        const reached = target < 0 ? ~target : target;
        leadsTo.set(id, Math.max(leadsTo.at(id), reached));
        if (target >= 0) {
          parents.push(id);
          leadsTo.push(-1);
          if (options.order === 'dfs') work.push(target);
        }
        if (goesRound && away < 0 && proviso?.leadsAway(id, reached) === true) away = reached;
      }
    }
  };

  /** A glide takes what was taken from a stored state before. Where the thread to go on sleeps, what follows was seen. */
  const mayGlide = (thread: number, edge: number): boolean => {
    const { edgeBase, edgeAction } = automatonOfThread[thread] as CompiledAutomaton;
    fellAsleep = ((asleep >>> thread) & 1) === 1;
    if (fellAsleep || firstTaken[edgeBase + edge] === -1) return false;
    if (asleep !== 0) asleep = sleep?.after(asleep, edgeAction[edge] as number, next) ?? 0;
    return true;
  };

  const report = (id: number, t: number, edge: number, fits: boolean): void => {
    const automaton = automatonOfThread[t] as CompiledAutomaton;
    const state = automaton.minimal.states[controls[t] as number];
    const detail = state?.edges[edge - (automaton.edgeStart[controls[t] as number] as number)];
    // What a function throws comes after the step that led to it.
    const declared = detail?.error?.code === 'engine/threw' && !fits ? undefined : detail?.error;
    const error = declared ?? {
      code: 'engine/cell-range',
      message: `${state?.example.op?.name ?? 'a step'} takes a shared cell out of its domain`,
    };
    const key = `${automaton.edgeBase + edge} ${error.code}`;
    if (seenErrors.has(key)) return;
    seenErrors.add(key);
    errors.push({ state: id, thread: t, edge, ...error });
    if (options.stopAtFirst) stop = true;
  };

  /** Writes which threads the state was expanded with into `chosen`. */
  const chooseAgain = (id: number): void => {
    chosen.fill(1);
    if (reducer === undefined || full.has(id)) return;
    futures.judge(controls, words);
    reducer.choose(controls, masks, words, chosen);
    if (!widened.has(id)) return;
    already.set(chosen);
    reducer.choose(controls, masks, words, chosen, already);
    for (let t = 0; t < threads; t++) if (already[t] === 1) chosen[t] = 1;
  };

  /** Takes the steps of threads that slept when the state was expanded, if they belonged to what was chosen. */
  const wake = (id: number, awake: number): void => {
    chooseAgain(id);
    for (let t = 0; t < threads; t++) already[t] = (awake >>> t) & 1 ? 0 : 1;
    expand(id, already);
  };

  /** Takes the steps of all threads that were left out. */
  const complete = (id: number): void => {
    full.add(id);
    already.set(chosen);
    chosen.fill(1);
    expand(id, already);
    proviso?.settle(id);
  };

  /** Expands a state further whose steps only go round, as those of an idle daemon do. */
  const lead = (id: number): void => {
    store.read(id, words);
    look(words);
    sleeping = sleep?.of(id) ?? 0;
    chooseAgain(id);
    away = -1;
    goesRound = true;
    // Another persistent set may lead on.
    if (!widened.has(id)) {
      already.set(chosen);
      if (reducer?.choose(controls, masks, words, chosen, already) === true) {
        widened.add(id);
        expand(id, already);
        for (let t = 0; t < threads; t++) if (already[t] === 1) chosen[t] = 1;
      }
    }
    goesRound = false;
    if (away >= 0) proviso?.leads(id, away);
    else complete(id);
  };

  const level = (id: number): Level => (full.has(id) ? 2 : widened.has(id) ? 1 : 0);

  const placeOf = (t: number): string => `${automatonOf[t]}:${controls[t]}`;

  const reportStuck = (id: number, partial: boolean): void => {
    const members = stuck.find(controls, masks, words);
    if (members.length === 0) return;
    // The same threads stuck at the same place are one finding, whatever the others do meanwhile.
    const key = partial || options.partialDeadlocks ? members.map(placeOf).sort().join() : `${id}`;
    for (const t of members) stuckPlaces.add(placeOf(t));
    if (seenStuck.has(key)) return;
    seenStuck.add(key);
    deadEnds.push({ state: id, threads: members, partial });
    if (options.stopAtFirst) stop = true;
  };

  while (!stop) {
    let id: number;
    const again = sleep?.next();
    if (again !== undefined) id = again.id;
    else if (options.order === 'dfs' ? work.length > 0 : done < store.count) {
      id = options.order === 'dfs' ? work.pop() : done;
    } else {
      const rounds = proviso?.rounds(store.count) ?? [];
      if (rounds.length === 0) break;
      for (const each of rounds) if (!stop) lead(each);
      continue;
    }
    if (again === undefined) done++;
    store.read(id, words);
    sleep?.expanded(id);
    sleeping = sleep?.of(id) ?? 0;
    const { moving, blocked } = look(words);
    if (moving === 0) {
      proviso?.settle(id);
      if (blocked > 0) reportStuck(id, false);
      if (stop) exhausted = false;
      continue;
    }
    if (again !== undefined) {
      wake(id, again.awake);
      continue;
    }
    if (blocked > 0 && options.partialDeadlocks) reportStuck(id, true);
    if (stop) break;

    if (reducer === undefined) chosen.fill(1);
    else {
      futures.judge(controls, words);
      reducer.choose(controls, masks, words, chosen);
    }
    broke = false;
    expand(id, undefined);
    // No step follows an error, so that nothing can be put off until after it.
    if (broke && !stop && chosen.includes(0)) complete(id);
    else if (!chosen.includes(0)) proviso?.settle(id);
    else proviso?.leads(id, leadsTo.at(id));
    const found = deadEnds.length + errors.length > 0;
    if (store.count > (found ? (options.maxStatesAfterFinding ?? options.maxStates) : options.maxStates)) {
      exhausted = false;
      break;
    }
    if (done % PROGRESS_EVERY === 0) {
      const go = yield { states: store.count, transitions, frontier: store.count - done, bytes: bytes() };
      if (!go) {
        exhausted = false;
        break;
      }
    }
  }
  if (stop) exhausted = false;
  // What sleeps is seen elsewhere, and who is stuck for ever not told by what is left here.
  const exact = options.exactPartialDeadlocks === true && options.partialDeadlocks && sleep === undefined;
  if (exact && exhausted && errors.length === 0 && (reducer === undefined || options.proviso)) {
    for (const { state, threads: members } of stuckForEver(system, { options, store, leadsTo, level })) {
      store.read(state, words);
      look(words);
      const fresh = members.filter((t) => !stuckPlaces.has(placeOf(t)));
      if (fresh.length === 0) continue;
      for (const t of fresh) stuckPlaces.add(placeOf(t));
      deadEnds.push({ state, threads: members, partial: true });
      if (options.stopAtFirst) break;
    }
  }
  return {
    states: store.count,
    transitions,
    exhausted,
    deadEnds,
    errors,
    firstTaken,
    store,
    parents,
    bytes: bytes(),
    options,
    checkpoint: () => ({
      version: 2,
      fingerprint: fingerprintOf(system, options),
      done,
      transitions,
      vectors: allVectors(),
      parents: Int32Array.from({ length: parents.length }, (_, id) => parents.at(id)),
      ways: Int32Array.from({ length: store.count }, (_, id) => leadsTo.at(id)),
      levels: Uint8Array.from({ length: store.count }, (_, id) => level(id)),
      firstTaken,
      deadEnds,
      errors,
      seen: [...seenStuck],
    }),
  };

  function allVectors(): Int32Array {
    const vectors = new Int32Array(store.count * width);
    for (let id = 0; id < store.count; id++) store.read(id, vectors.subarray(id * width, (id + 1) * width));
    return vectors;
  }

  function bytes(): number {
    return store.bytes + parents.length * 4 + work.length * 4;
  }
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

function createFlags(): { add(id: number): void; has(id: number): boolean } {
  let flags = new Uint8Array(1 << 8);
  return {
    add(id) {
      if (id >= flags.length) {
        const larger = new Uint8Array(Math.max(flags.length * 2, id + 1));
        larger.set(flags);
        flags = larger;
      }
      flags[id] = 1;
    },
    has: (id) => flags[id] === 1,
  };
}
