import { createGlider, type GlideStep, LONGEST_GLIDE } from './glide.ts';
import { type Field, readField, writeField } from './layout.ts';
import { createLook } from './look.ts';
import type { Move } from './schedule.ts';
import type { SearchResult } from './search.ts';
import type { CompiledAutomaton, System } from './system.ts';

/**
 * The moves that lead to a stored state. Goes from stored state to stored state as the search did, through fused
 * steps where there were some, and keeps track of which thread stands where symmetry has put it.
 */
export function pathTo(system: System, result: SearchResult, state: number): readonly Move[] {
  const { automata, automatonOf, layout } = system;
  const { options } = result;
  const look = createLook(system);
  const fused = options.persistentSets && options.fuse;
  const glider = createGlider(system);
  const of = (t: number): CompiledAutomaton => automata[automatonOf[t] as number] as CompiledAutomaton;
  const words = system.initial.slice();
  const trial = words.slice();
  const wanted = words.slice();
  const moves: Move[] = [];
  /** Per position in the stored state: the thread that stands there. */
  let actual = automatonOf.map((_, thread) => thread);

  const firstSteps = (): GlideStep[] => {
    const { controls, masks } = look(words);
    return automatonOf.flatMap((_, thread) => {
      const { edgeStart, edgeError } = of(thread);
      const first = edgeStart[controls[thread] as number] as number;
      const last = edgeStart[(controls[thread] as number) + 1] as number;
      return Array.from({ length: last - first }, (_, offset) => ({ thread, edge: first + offset })).filter(
        ({ edge }) => (((masks[thread] as number) >>> (edge - first)) & 1) === 1 && edgeError[edge] === 0,
      );
    });
  };

  /** Steps from the first on until the wanted state; undefined when they lead elsewhere. */
  const follow = (first: GlideStep): { steps: GlideStep[]; order: number[] } | undefined => {
    trial.set(words);
    const steps: GlideStep[] = [];
    for (let step: GlideStep | undefined = first; step !== undefined && steps.length <= LONGEST_GLIDE; ) {
      if (!glider.take(step, trial)) return undefined;
      steps.push(step);
      const order = sorted(system, trial, options.symmetry);
      if (reached(order)) return { steps, order };
      step = fused ? glider.next(trial) : undefined;
    }
    return undefined;
  };

  const reached = (order: readonly number[]): boolean => {
    const put = trial.slice();
    for (const [position, from] of order.entries())
      writeField(layout.threads[position] as Field, put, readField(layout.threads[from] as Field, trial));
    return put.every((word, index) => word === wanted[index]);
  };

  for (const id of chainOf(result, state)) {
    result.store.read(id, wanted);
    let found: ReturnType<typeof follow>;
    for (const first of firstSteps()) {
      found = follow(first);
      if (found !== undefined) break;
    }
    if (found === undefined) throw new Error(`no step leads to stored state ${id}: the search and the path disagree`);
    for (const { thread, edge } of found.steps)
      moves.push({ thread: actual[thread] as number, alternative: alternativeOf(of(thread), edge) });
    actual = found.order.map((from) => actual[from] as number);
    words.set(wanted);
  }
  return moves;
}

function chainOf(result: SearchResult, state: number): readonly number[] {
  const chain: number[] = [];
  for (let id = state; id > 0; id = result.parents.at(id)) chain.push(id);
  return chain.reverse();
}

/** Per position after sorting the interchangeable threads: the position it was taken from. */
function sorted(system: System, words: Int32Array, symmetry: boolean): number[] {
  const order = system.automatonOf.map((_, thread) => thread);
  if (!symmetry) return order;
  const control = (thread: number): number => readField(system.layout.threads[thread] as Field, words);
  for (const group of system.symmetric) {
    const members = [...group].sort((left, right) => control(left) - control(right) || left - right);
    for (const [index, position] of group.entries()) order[position] = members[index] as number;
  }
  return order;
}

/** Number of an edge's alternative in its op. */
function alternativeOf(automaton: CompiledAutomaton, edge: number): number {
  let state = 0;
  while ((automaton.edgeStart[state + 1] as number) <= edge) state++;
  const offset = edge - (automaton.edgeStart[state] as number);
  return automaton.minimal.states[state]?.edges[offset]?.index ?? 0;
}
