import type { Automorphism } from './automorphism.ts';
import type { GlideStep } from './glide.ts';
import type { MinimalEdge, MinimalState } from './minimise.ts';
import { movesOf, stepsBefore } from './path.ts';
import type { SearchResult } from './search.ts';
import type { CompiledAutomaton, System } from './system.ts';
import type { Edge, LocalState } from './unfold.ts';
import { describeWitness, type Witness } from './witness.ts';

/** A transition of a thread that some reachable state takes. */
export interface TakenStep {
  /** Names of the threads that have this automaton. */
  readonly threads: readonly string[];
  readonly from: MinimalState;
  readonly edge: MinimalEdge;
  /** A schedule after which the step can be taken, made on demand. */
  schedule(): Witness;
}

/** A transition of a thread's full automaton whose class some reachable state takes. */
export interface WalkedStep {
  /** Names of the threads that have this automaton. */
  readonly threads: readonly string[];
  readonly from: LocalState;
  readonly edge: Edge;
}

/** Which edges were taken, by their numbers over all automata: those that the search took, and those like them. */
export interface TakenEdges {
  has(edge: number): boolean;
  /** Steps after which the edge can be taken. Only for edges that were. */
  before(edge: number): readonly GlideStep[];
}

/** What either says was taken. */
export function takenByEither(one: TakenEdges, other: TakenEdges): TakenEdges {
  return {
    has: (edge) => one.has(edge) || other.has(edge),
    before: (edge) => (one.has(edge) ? one : other).before(edge),
  };
}

/** What the search took stands for all that symmetry takes it to. */
export function takenEdges(system: System, result: SearchResult): TakenEdges {
  const { automata, automatonOf } = system;
  const { firstTaken } = result;
  const automorphisms = result.options.symmetry ? system.automorphisms() : [];
  const like = new Map<number, { readonly edge: number; readonly by: Automorphism }>();
  const known = [...firstTaken.keys()].filter((edge) => firstTaken[edge] !== -1);
  const has = (edge: number): boolean => firstTaken[edge] !== -1 || like.has(edge);
  for (const number of automorphisms.length === 0 ? [] : known) {
    const index = automata.findLastIndex(({ edgeBase }) => edgeBase <= number);
    const { edgeBase } = automata[index] as CompiledAutomaton;
    for (const by of automorphisms) {
      const step = renamedStep(system, by, { thread: automatonOf.indexOf(index), edge: number - edgeBase });
      const other = (automata[automatonOf[step.thread] as number] as CompiledAutomaton).edgeBase + step.edge;
      if (has(other)) continue;
      like.set(other, { edge: number, by });
      known.push(other);
    }
  }
  return {
    has,
    before(edge) {
      const from = like.get(edge);
      if (from === undefined) return stepsBefore(system, result, edge);
      return this.before(from.edge).map((step) => renamedStep(system, from.by, step));
    },
  };
}

/** The step that an automorphism takes a step to. */
export function renamedStep({ automatonOf }: System, by: Automorphism, { thread, edge }: GlideStep): GlideStep {
  return {
    thread: by.threads[thread] as number,
    edge: by.edges[automatonOf[thread] as number]?.[edge] ?? edge,
  };
}

/** Every transition that was taken. */
export function* takenSteps(system: System, taken: TakenEdges): Generator<TakenStep> {
  for (const [index, automaton] of system.automata.entries()) {
    const threads = namesOf(system, index);
    for (const from of automaton.minimal.states) {
      for (const [offset, edge] of from.edges.entries()) {
        const number = automaton.edgeBase + (automaton.edgeStart[from.id] as number) + offset;
        if (!taken.has(number)) continue;
        const schedule = () => describeWitness(system, movesOf(system, taken.before(number)), []);
        yield { threads, from, edge, schedule };
      }
    }
  }
}

/** Every transition of the full automata that was taken, each after one that leads to it. */
export function* walkedSteps(system: System, taken: Pick<TakenEdges, 'has'>): Generator<WalkedStep> {
  for (const [index, automaton] of system.automata.entries()) {
    const threads = namesOf(system, index);
    const { classOf } = automaton.minimal;
    const seen = new Set<LocalState>([automaton.detailed.start]);
    const work = [automaton.detailed.start];
    for (let from = work.pop(); from !== undefined; from = work.pop()) {
      const first = automaton.edgeBase + (automaton.edgeStart[classOf[from.id] as number] as number);
      for (const [offset, edge] of from.edges.entries()) {
        if (!taken.has(first + offset)) continue;
        yield { threads, from, edge };
        if (seen.has(edge.to)) continue;
        seen.add(edge.to);
        work.push(edge.to);
      }
    }
  }
}

/** Names of the threads that have an automaton. */
export function namesOf(system: System, automaton: number): readonly string[] {
  return system.model.threads
    .filter((_, thread) => system.automatonOf[thread] === automaton)
    .map((thread) => thread.name);
}
