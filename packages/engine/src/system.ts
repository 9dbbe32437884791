import { createActionTable, relate } from './actions.ts';
import { type BoundedThread, boundsOf } from './bounds.ts';
import { firstOfEach } from './first-of-each.ts';
import { type FlatAutomaton, type FlatSystem, holdsIn } from './flat-system.ts';
import { futuresOf } from './futures.ts';
import { findAutomorphisms } from './interchangeable.ts';
import { createLayout, type Field, writeField } from './layout.ts';
import { defaultLimits, type SystemLimits } from './limits.ts';
import type { MinimalAutomaton } from './minimise.ts';
import type { Model } from './model.ts';
import { once } from './once.ts';
import { passagesOf } from './passages.ts';
import { createStepTables } from './step-tables.ts';
import type { Automaton } from './unfold.ts';
import { unfolderOf } from './unfolder.ts';
import type { Looks } from './view.ts';

/** One automaton in flat arrays; identical threads share it. */
export interface CompiledAutomaton extends FlatAutomaton {
  readonly detailed: Automaton;
  readonly minimal: MinimalAutomaton;
}

type Unrelated = Omit<CompiledAutomaton, 'futures'>;

/** A model made ready for the search. */
export interface System extends FlatSystem {
  readonly model: Model;
  readonly automata: readonly CompiledAutomaton[];
  /** What its functions looked at beside their arguments; see {@link Model.circumstances}. */
  readonly looks: Looks;
}

/** Learns, unfolds, minimises and compiles a model. Throws what those steps throw. */
export function compileSystem(model: Model, limits: SystemLimits = defaultLimits, minimised = true): System {
  const { unfoldedOf, keep } = unfolderOf(model, limits, minimised);
  const table = createActionTable();
  const bySignature = new Map<string, number>();
  const automata: Unrelated[] = [];
  const looks = new Map<PropertyKey, unknown>();
  let edgeCount = 0;
  let stateCount = 0;

  const automatonOf = model.threads.map((thread) => {
    const { detailed, minimal } = unfoldedOf(thread);
    for (const [field, value] of detailed.looks) looks.set(field, value);
    const signature = `${thread.daemon ?? false}${minimal.signature}`;
    const known = bySignature.get(signature);
    if (known !== undefined) return known;
    const flat = flatten(detailed, minimal, table, edgeCount, stateCount);
    edgeCount += flat.edgeAction.length;
    stateCount += minimal.states.length;
    bySignature.set(signature, automata.length);
    automata.push(flat);
    return automata.length - 1;
  });

  keep();

  const { actions } = table;
  const { cells } = model.world;
  const layout = createLayout(
    automatonOf.map((index) => (automata[index] as Unrelated).minimal.states.length),
    cells.map((cell) => cell.max + 1),
  );
  const daemons = model.threads.map((thread) => thread.daemon ?? false);
  const initial = new Int32Array(layout.words);
  for (const cell of cells) writeField(layout.cells[cell.id] as Field, initial, cell.init);

  // Whoever knows the answer for such a system already asks for none of these.
  const bounds = once(() => {
    const bounded = automata.map(boundedThread);
    const threads = automatonOf.map((index) => bounded[index] as BoundedThread);
    return boundsOf(cells, actions, threads);
  });
  const relations = once(() => relate(actions, bounds()));
  const passages = once(() => passagesOf(automata, actions, relations(), bounds()));
  const automorphisms = once(() => findAutomorphisms({ cells, actions, automata, automatonOf, daemons }));

  return {
    model,
    automata: automata.map((flat) => {
      const futures = once(() => futuresOf(flat, relations().words));
      return {
        ...flat,
        get futures() {
          return futures();
        },
      };
    }),
    automatonOf,
    daemons,
    actions,
    get relations() {
      return relations();
    },
    layout,
    initial,
    get passages() {
      return passages();
    },
    ...createStepTables(actions, layout),
    holds: holdsIn(layout),
    edgeCount,
    looks,
    symmetric: groups(automatonOf),
    automorphisms,
  };
}

function boundedThread({ minimal, edgeStart, edgeAction, edgeTo }: Unrelated): BoundedThread {
  const edges = minimal.states.flatMap(({ id }) =>
    Array.from({ length: (edgeStart[id + 1] as number) - (edgeStart[id] as number) }, (_, offset) => {
      const edge = (edgeStart[id] as number) + offset;
      return { from: id, to: edgeTo[edge] as number, action: edgeAction[edge] as number };
    }),
  );
  return { states: minimal.states.length, edges };
}

function groups(automatonOf: readonly number[]): number[][] {
  const members = new Map<number, number[]>();
  for (const [thread, automaton] of automatonOf.entries())
    members.set(automaton, [...(members.get(automaton) ?? []), thread]);
  return [...members.values()].filter((group) => group.length > 1);
}

function flatten(
  detailed: Automaton,
  minimal: MinimalAutomaton,
  table: ReturnType<typeof createActionTable>,
  edgeBase: number,
  stateBase: number,
): Unrelated {
  const total = minimal.states.reduce((sum, state) => sum + state.edges.length, 0);
  const edgeStart = new Int32Array(minimal.states.length + 1);
  const edgeAction = new Int32Array(total);
  const edgeTo = new Int32Array(total);
  const edgeError = new Uint8Array(total);
  let at = 0;
  for (const state of minimal.states) {
    edgeStart[state.id] = at;
    for (const edge of state.edges) {
      edgeAction[at] = table.intern(edge.when, edge.does);
      edgeTo[at] = edge.to;
      edgeError[at] = edge.error === undefined ? 0 : 1;
      at++;
    }
  }
  edgeStart[minimal.states.length] = at;
  return {
    detailed,
    minimal,
    states: minimal.states.length,
    edgeStart,
    edgeAction,
    edgeTo,
    edgeError,
    bisimilar: firstOfEach(minimal.states.map(({ bisimilar }) => bisimilar)),
    asAtStart: Uint8Array.from(minimal.states, (state) => (state.asAtStart ? 1 : 0)),
    edgeBase,
    stateBase,
  };
}

/** Equal for two models that nobody can tell apart: same cells, same automata, same events. */
export function systemKey(system: System): string {
  const cells = system.model.world.cells.map((cell) => `${cell.max}/${cell.init}`).join();
  const threads = system.automatonOf.map((index) => (system.automata[index] as CompiledAutomaton).minimal.signature);
  const daemons = system.model.threads.map((thread) => (thread.daemon === true ? 1 : 0)).join('');
  return `${cells}\n${daemons}\n${threads.join('\n\n')}`;
}
