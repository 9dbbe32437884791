import { EngineError } from './errors.ts';
import { guardHolds, type Hold } from './op.ts';
import type { Move } from './schedule.ts';
import type { CompiledAutomaton, System } from './system.ts';
import type { Edge, LocalState, Passed } from './unfold.ts';

/** A thread at some moment of a run. */
export interface ThreadSnapshot {
  readonly thread: number;
  readonly name: string;
  readonly status: LocalState['status'];
  /** Name of the op at which it stands. */
  readonly at: string | undefined;
  readonly wants: Hold | undefined;
  readonly backtrace: readonly string[];
  readonly held: readonly Hold[];
  readonly locals: readonly number[];
  /** It can take a step now. */
  readonly enabled: boolean;
}

/** One step of a run. */
export interface RunStep {
  readonly step: number;
  readonly move: Move;
  readonly name: string;
  readonly op: string;
  readonly event: unknown;
  readonly backtrace: readonly string[];
  readonly heldBefore: readonly Hold[];
  readonly localsBefore: readonly number[];
  /** Steps of the same thread that nobody else can see, taken right after. */
  readonly passed: readonly Passed[];
  readonly error: Edge['error'];
}

/** Steps a model one move at a time, on the full automata: every backtrace is the real one. */
export interface Simulation {
  /** Takes a step. Throws `ENGINE_SCHEDULE` when the move is not possible here, saying why. */
  step(move: Move): RunStep;
  threads(): readonly ThreadSnapshot[];
  /** Shared cells by name. */
  cells(): Readonly<Record<string, number>>;
  readonly taken: number;
}

/** Starts a simulation at the model's first state. */
export function simulate(system: System): Simulation {
  const { model } = system;
  const automata = system.automatonOf.map((index) => system.automata[index] as CompiledAutomaton);
  const at = automata.map((automaton) => automaton.detailed.start);
  const values = model.world.cells.map((cell) => cell.init);
  let taken = 0;

  const possible = (edge: Edge): boolean =>
    edge.when.every((guard) => guardHolds(guard.is, values[guard.cell.id] as number, guard.value));

  const refuse = (move: Move, why: string): never => {
    throw new EngineError(
      'ENGINE_SCHEDULE',
      `step ${taken}, thread ${move.thread}${model.threads[move.thread] === undefined ? '' : ` (${model.threads[move.thread]?.name})`}`,
      why,
    );
  };

  return {
    get taken() {
      return taken;
    },
    step(move) {
      const state = at[move.thread];
      if (state === undefined) return refuse(move, `the model has the threads 0 to ${at.length - 1}`);
      if (state.op === undefined)
        return refuse(move, `it is ${state.status === 'done' ? 'finished' : 'stopped by a model error'}`);
      const edge = state.edges.find((each) => each.index === move.alternative);
      if (edge === undefined)
        return refuse(
          move,
          `«${state.op.name}» has no alternative ${move.alternative} here; it has ${state.edges.map((each) => each.index).join(', ')}`,
        );
      if (!possible(edge)) {
        const failing = edge.when.find((guard) => !guardHolds(guard.is, values[guard.cell.id] as number, guard.value));
        return refuse(
          move,
          `«${state.op.name}» has to wait: ${failing?.cell.name} is ${values[failing?.cell.id ?? 0]}, not ${failing?.is} ${failing?.value}`,
        );
      }
      // What a function throws comes after the step that led to it.
      const threw = edge.error?.code === 'engine/threw';
      let error = threw ? undefined : edge.error;
      if (error === undefined) {
        for (const effect of edge.does) {
          const old = values[effect.cell.id] as number;
          const value =
            'set' in effect
              ? effect.set
              : 'add' in effect
                ? old + effect.add
                : old + (values[effect.from.id] as number);
          if (value < 0 || value > effect.cell.max) {
            error = {
              code: 'engine/cell-range',
              message: `${effect.cell.name} would become ${value}, outside 0 to ${effect.cell.max}`,
            };
            break;
          }
          values[effect.cell.id] = value;
        }
      }
      if (error === undefined && threw) error = edge.error;
      if (error === undefined) at[move.thread] = edge.to;
      return {
        step: taken++,
        move,
        name: model.threads[move.thread]?.name ?? '',
        op: state.op.name,
        event: edge.alternative.event,
        backtrace: state.backtrace,
        heldBefore: state.held,
        localsBefore: state.locals,
        passed: edge.passed,
        error,
      };
    },
    threads: () =>
      at.map((state, thread) => ({
        thread,
        name: model.threads[thread]?.name ?? '',
        status: state.status,
        at: state.op?.name,
        wants: state.op?.wants,
        backtrace: state.backtrace,
        held: state.held,
        locals: state.locals,
        enabled: state.edges.some(possible),
      })),
    cells: () => Object.fromEntries(model.world.cells.map((cell) => [cell.name, values[cell.id] as number])),
  };
}
