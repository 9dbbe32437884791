import type { Model } from '@faultpath/engine';
import { renamedState } from '../../src/canonical.ts';
import { type Field, readField } from '../../src/layout.ts';
import type { MinimalState } from '../../src/minimise.ts';
import { type SearchOptions, type SearchResult, search } from '../../src/search.ts';
import { stepsOf } from '../../src/steps-of.ts';
import { type CompiledAutomaton, compileSystem, type System } from '../../src/system.ts';
import { renamedStep } from '../../src/taken.ts';
import { ending, guardName, interpret, standing, type Verdict } from './interpreter.ts';

/** A combination of the engine's switches. */
export type Switches = Pick<
  SearchOptions,
  'order' | 'persistentSets' | 'symmetry' | 'fuse' | 'fuseFrom' | 'bisimulation' | 'proviso' | 'sleepSets'
> & {
  readonly minimise: boolean;
};

/** Every combination of reductions. */
export const everySwitch: readonly Switches[] = [false, true].flatMap((minimise) =>
  [false, true].flatMap((persistentSets) =>
    [false, true].flatMap((symmetry) =>
      (['bfs', 'dfs'] as const).flatMap((order) =>
        (persistentSets ? [false, true] : [true]).flatMap((proviso) =>
          fusingWith(persistentSets, order).flatMap((fusing) =>
            (minimise ? [false, true] : [false]).flatMap((sleepSets) =>
              [false, true].map((bisimulation) => ({
                minimise,
                persistentSets,
                symmetry,
                order,
                proviso,
                ...fusing,
                sleepSets,
                bisimulation,
              })),
            ),
          ),
        ),
      ),
    ),
  ),
);

/** Breadth first also from some state on, so that there are some of both kinds. */
function fusingWith(
  persistentSets: boolean,
  order: 'bfs' | 'dfs',
): readonly Pick<SearchOptions, 'fuse' | 'fuseFrom'>[] {
  if (!persistentSets) return [{ fuse: false }];
  return [{ fuse: false }, { fuse: true }, ...(order === 'bfs' ? [{ fuse: true, fuseFrom: 5 }] : [])];
}

/** What the engine says, in the interpreter's words. */
type Answer = Omit<Verdict, 'gaveUp' | 'uneasy' | 'surelyStuck'>;

function of(system: System, thread: number): CompiledAutomaton {
  return system.automata[system.automatonOf[thread] as number] as CompiledAutomaton;
}

function answer(system: System, names: readonly string[], switches: Switches): Answer {
  const options: SearchOptions = {
    ...switches,
    maxStates: 1_000_000,
    stopAtFirst: false,
    partialDeadlocks: false,
  };
  const result = search(system, options);
  const words = new Int32Array(system.layout.words);
  const valuations = new Set<string>();
  const ends = new Set<string>();
  const deadlocks = new Set<string>();
  const dead = new Set(result.deadEnds.map((end) => end.state));
  for (let id = 0; id < result.states; id++) {
    result.store.read(id, words);
    for (const { words: like } of orbit(system, switches, words, [])) {
      const { cells, threads, moving } = read(system, names, like);
      valuations.add(cells.join());
      if (!moving) ends.add(ending(cells, threads));
      if (dead.has(id)) deadlocks.add(ending(cells, threads));
    }
  }
  const partial = search(system, { ...options, partialDeadlocks: true, exactPartialDeadlocks: true });
  const stuck = new Set<string>();
  for (const end of partial.deadEnds) {
    partial.store.read(end.state, words);
    for (const like of orbit(system, switches, words, end.threads))
      for (const thread of like.threads) stuck.add(read(system, names, like.words).threads[thread] as string);
  }
  return {
    states: result.states,
    valuations,
    ends,
    deadlocks,
    events: eventsOf(system, result),
    errors: errorsOf(system, result, switches),
    stuck,
  };
}

interface Like {
  readonly words: Int32Array;
  readonly threads: readonly number[];
}

/** The state, with some threads in it, and every other that it stands for under symmetry between objects. */
function orbit(system: System, switches: Switches, words: Int32Array, threads: readonly number[]): readonly Like[] {
  const found: Like[] = [{ words: words.slice(), threads }];
  if (!switches.symmetry) return found;
  const seen = new Set([words.join()]);
  for (const each of found)
    for (const by of system.automorphisms()) {
      const like = renamedState(system, by, each.words);
      if (seen.has(like.join())) continue;
      seen.add(like.join());
      found.push({ words: like, threads: each.threads.map((thread) => by.threads[thread] as number) });
    }
  return found;
}

function read(
  system: System,
  names: readonly string[],
  words: Int32Array,
): { cells: number[]; threads: string[]; moving: boolean } {
  let moving = false;
  const threads = names.map((name, thread) => {
    const compiled = of(system, thread);
    const control = readField(system.layout.threads[thread] as Field, words);
    for (let edge = compiled.edgeStart[control] as number; edge < (compiled.edgeStart[control + 1] as number); edge++)
      if (system.enabled(compiled.edgeAction[edge] as number, words)) moving = true;
    const { example, edges } = compiled.minimal.states[control] as MinimalState;
    return standing(
      name,
      example.status === 'done' ? undefined : edges.map((edge) => edge.when.map(guardName).join('&')),
      example.held.map((hold) => `${hold.object.name}/${hold.mode}`),
    );
  });
  return { cells: system.layout.cells.map((field) => readField(field, words)), threads, moving };
}

/** Events of the full automata, along steps whose class was taken. */
function eventsOf(system: System, result: SearchResult): Set<string> {
  const events = new Set<string>();
  const taken = stepsOf(system, result, search).taken();
  for (const { detailed, minimal, edgeBase, edgeStart } of system.automata) {
    for (const passed of minimal.passed) events.add(String(passed.event));
    const seen = new Set([detailed.start]);
    for (const from of seen) {
      const first = edgeBase + (edgeStart[minimal.classOf[from.id] as number] as number);
      for (const [offset, edge] of from.edges.entries()) {
        if (!taken.has(first + offset)) continue;
        events.add(String(edge.alternative.event));
        for (const passed of edge.passed) events.add(String(passed.event));
        seen.add(edge.to);
      }
    }
  }
  return events;
}

function errorsOf(system: System, result: SearchResult, switches: Switches): Set<string> {
  const steps = result.errors.map(({ thread, edge, code }) => ({ thread, edge, code }));
  const seen = new Set<string>();
  const errors = new Set<string>();
  for (const { thread, edge, code } of steps) {
    const key = `${thread} ${edge} ${code}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const edges = of(system, thread).minimal.states.flatMap((state) => state.edges);
    errors.add(`${code} ${code === 'engine/threw' ? '' : String(edges[edge]?.example.alternative.event)}`);
    if (!switches.symmetry) continue;
    for (const by of system.automorphisms()) steps.push({ ...renamedStep(system, by, { thread, edge }), code });
  }
  return errors;
}

function same(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  return left.size === right.size && within(left, right);
}

function within(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  for (const item of left) if (!right.has(item)) return false;
  return true;
}

function difference(engine: ReadonlySet<string>, oracle: ReadonlySet<string>): string {
  const only = (left: ReadonlySet<string>, right: ReadonlySet<string>) =>
    [...left].filter((item) => !right.has(item)).slice(0, 3);
  return `engine only ${JSON.stringify(only(engine, oracle))}, oracle only ${JSON.stringify(only(oracle, engine))}`;
}

const LIMITS = { frameDepth: 200, learnedNodes: 20_000, stackDepth: 50, threadStates: 2_000 };

/** What a comparison covered. */
export interface Comparison {
  readonly oracle: Verdict;
  readonly disagreements: readonly string[];
  /** There are objects that can be interchanged. */
  readonly symmetric: boolean;
  /** There are places that a thread can only pass. */
  readonly passages: boolean;
}

/** Asks both about a model, the engine with every combination of switches. */
export function compareOn(model: Model, mostStates: number): Comparison {
  const systems = new Map([true, false].map((on) => [on, compileSystem(model, LIMITS, on)]));
  // With the same future, threads are interchangeable, however they start.
  const names = (systems.get(true) as System).automatonOf.map((automaton) => `A${automaton}`);
  const oracle = interpret(model, mostStates, names);
  const disagreements: string[] = [];
  const symmetric = (systems.get(true) as System).automorphisms().length > 0;
  const passages = (systems.get(true) as System).passages.some((of) => of.some((behind) => behind >= 0));
  if (oracle.gaveUp) return { oracle, disagreements, symmetric, passages };
  const errors = new Set([...oracle.errors].map((error) => error.replace(/^engine\/threw .*/, 'engine/threw ')));
  let deadlocks: ReadonlySet<string> | undefined;
  let allErrors: ReadonlySet<string> | undefined;
  for (const switches of everySwitch) {
    const system = systems.get(switches.minimise) as System;
    const engine = answer(system, names, switches);
    const claim = (holds: boolean, what: string, left: ReadonlySet<string>, right: ReadonlySet<string>): void => {
      if (!holds) disagreements.push(`${what} with ${JSON.stringify(switches)}: ${difference(left, right)}`);
    };
    claim(within(engine.errors, errors), 'errors', engine.errors, errors);
    if (errors.size > 0) {
      if (switches.proviso) {
        claim(engine.errors.size > 0, 'no error', engine.errors, errors);
        allErrors ??= engine.errors;
        claim(same(engine.errors, allErrors), 'errors against unreduced', engine.errors, allErrors);
      }
      continue;
    }
    claim(same(engine.ends, oracle.ends), 'ends', engine.ends, oracle.ends);
    claim(within(oracle.deadlocks, engine.deadlocks), 'deadlocks', engine.deadlocks, oracle.deadlocks);
    const possible = new Set([...oracle.deadlocks, ...oracle.uneasy]);
    claim(within(engine.deadlocks, possible), 'deadlocks', engine.deadlocks, possible);
    deadlocks ??= engine.deadlocks;
    claim(same(engine.deadlocks, deadlocks), 'deadlocks against unreduced', engine.deadlocks, deadlocks);
    claim(within(engine.stuck, oracle.stuck), 'stuck', engine.stuck, oracle.stuck);
    if (switches.proviso && switches.sleepSets !== true)
      claim(within(oracle.surelyStuck, engine.stuck), 'stuck', engine.stuck, oracle.surelyStuck);
    if (switches.persistentSets)
      claim(within(engine.valuations, oracle.valuations), 'valuations', engine.valuations, oracle.valuations);
    else claim(same(engine.valuations, oracle.valuations), 'valuations', engine.valuations, oracle.valuations);
    if (switches.proviso) claim(same(engine.events, oracle.events), 'events', engine.events, oracle.events);
    else claim(within(engine.events, oracle.events), 'events', engine.events, oracle.events);
  }
  return { oracle, disagreements, symmetric, passages };
}
