import { createCanonicaliser, type Renamed } from './canonical.ts';
import { createGlider, type GlideStep, LONGEST_GLIDE } from './glide.ts';
import { createLook } from './look.ts';
import { createNames } from './names.ts';
import type { Move } from './schedule.ts';
import type { SearchResult } from './search.ts';
import type { CompiledAutomaton, System } from './system.ts';

/**
 * The steps that lead to a stored state. Goes from stored state to stored state as the search did, through fused steps
 * where there were some. Symmetry has renamed threads and objects on the way; in the run that is given they have the
 * names that they have at its end, so that it leads to the very state that is stored.
 */
export function stepsTo(system: System, result: SearchResult, state: number): readonly GlideStep[] {
  const { automata, automatonOf } = system;
  const { options } = result;
  const look = createLook(system);
  const fused = options.persistentSets && options.fuse;
  const glider = createGlider(system);
  const canonicaliser = createCanonicaliser(system, options.symmetry);
  const of = (t: number): CompiledAutomaton => automata[automatonOf[t] as number] as CompiledAutomaton;
  const words = system.initial.slice();
  const trial = words.slice();
  const canonical = words.slice();
  const wanted = words.slice();
  const taken: GlideStep[] = [];
  const names = createNames(system);

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
  const follow = (first: GlideStep): { steps: GlideStep[]; log: Renamed[] } | undefined => {
    trial.set(words);
    const steps: GlideStep[] = [];
    for (let step: GlideStep | undefined = first; step !== undefined && steps.length <= LONGEST_GLIDE; ) {
      if (!glider.take(step, trial)) return undefined;
      steps.push(step);
      const log: Renamed[] = [];
      canonical.set(trial);
      canonicaliser?.canonicalise(canonical, log);
      if (canonical.every((word, index) => word === wanted[index])) return { steps, log };
      step = fused ? glider.next(trial) : undefined;
    }
    return undefined;
  };

  for (const id of chainOf(result, state)) {
    result.store.read(id, wanted);
    let found: ReturnType<typeof follow>;
    for (const first of firstSteps()) {
      found = follow(first);
      if (found !== undefined) break;
    }
    if (found === undefined) throw new Error(`no step leads to stored state ${id}: the search and the path disagree`);
    for (const step of found.steps) taken.push(names.first(step));
    names.add(found.log);
    words.set(wanted);
  }
  return taken.map(names.last());
}

/** The same as moves, for a schedule. */
export function pathTo(system: System, result: SearchResult, state: number): readonly Move[] {
  return movesOf(system, stepsTo(system, result, state));
}

/** Steps as moves. */
export function movesOf({ automata, automatonOf }: System, steps: readonly GlideStep[]): readonly Move[] {
  return steps.map(({ thread, edge }) => ({
    thread,
    alternative: alternativeOf(automata[automatonOf[thread] as number] as CompiledAutomaton, edge),
  }));
}

function chainOf(result: SearchResult, state: number): readonly number[] {
  const chain: number[] = [];
  for (let id = state; id > 0; id = result.parents.at(id)) chain.push(id);
  return chain.reverse();
}

/** Number of an edge's alternative in its op. */
function alternativeOf(automaton: CompiledAutomaton, edge: number): number {
  let state = 0;
  while ((automaton.edgeStart[state + 1] as number) <= edge) state++;
  const offset = edge - (automaton.edgeStart[state] as number);
  return automaton.minimal.states[state]?.edges[offset]?.index ?? 0;
}
