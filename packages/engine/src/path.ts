import { createCanonicaliser, type Renamed } from './canonical.ts';
import { createGlider, type GlideStep, LONGEST_GLIDE } from './glide.ts';
import { createLook, type Look } from './look.ts';
import { createNames } from './names.ts';
import { withPassages } from './passages.ts';
import type { Move } from './schedule.ts';
import { fusesAt, type SearchResult } from './search-options.ts';
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
  const glider = createGlider(withPassages(system, options), options.symmetry);
  const canonicaliser = createCanonicaliser(system, options.symmetry);
  const of = (t: number): CompiledAutomaton => automata[automatonOf[t] as number] as CompiledAutomaton;
  const words = system.initial.slice();
  const trial = words.slice();
  const canonical = words.slice();
  const wanted = words.slice();
  const taken: GlideStep[] = [];
  const names = createNames(system);

  /** Steps of a state from the first on until the wanted one; undefined when they lead elsewhere. */
  const follow = (id: number, first: GlideStep): { steps: GlideStep[]; log: Renamed[] } | undefined => {
    trial.set(words);
    const steps: GlideStep[] = [];
    for (let step: GlideStep | undefined = first; step !== undefined && steps.length <= LONGEST_GLIDE; ) {
      if (!glider.take(step, trial)) return undefined;
      steps.push(step);
      const log: Renamed[] = [];
      canonical.set(trial);
      canonicaliser?.canonicalise(canonical, log);
      if (canonical.every((word, index) => word === wanted[index])) return { steps, log };
      step = fusesAt(options, id) ? glider.next(trial) : undefined;
    }
    return undefined;
  };

  let from = 0;
  for (const id of chainOf(result, state)) {
    result.store.read(id, wanted);
    let found: ReturnType<typeof follow>;
    for (const first of stepsFrom(system, look(words))) {
      if (of(first.thread).edgeError[first.edge] === 1) continue;
      found = follow(from, first);
      if (found !== undefined) break;
    }
    if (found === undefined) throw new Error(`no step leads to stored state ${id}: the search and the path disagree`);
    from = id;
    for (const step of found.steps) taken.push(names.first(step));
    names.add(found.log);
    words.set(wanted);
  }
  return taken.map(names.last());
}

/** Steps after which an edge can be taken that the search took: from a stored state, or on a glide from there. */
export function stepsBefore(system: System, result: SearchResult, edge: number): readonly GlideStep[] {
  const { automata, automatonOf } = system;
  const state = result.firstTaken[edge] as number;
  const before = stepsTo(system, result, state);
  const isIt = (step: GlideStep): boolean =>
    (automata[automatonOf[step.thread] as number] as CompiledAutomaton).edgeBase + step.edge === edge;
  const words = new Int32Array(system.layout.words);
  result.store.read(state, words);
  const firsts = stepsFrom(system, createLook(system)(words));
  if (firsts.some(isIt)) return before;
  const glider = createGlider(withPassages(system, result.options), result.options.symmetry);
  const trial = words.slice();
  for (const first of firsts) {
    trial.set(words);
    const steps: GlideStep[] = [];
    for (let step: GlideStep | undefined = first; step !== undefined && steps.length <= LONGEST_GLIDE; ) {
      if (isIt(step)) return [...before, ...steps];
      if (!glider.take(step, trial)) break;
      steps.push(step);
      step = glider.next(trial);
    }
  }
  throw new Error(`edge ${edge} is not taken from stored state ${state}: the search and the path disagree`);
}

/** Every step that can be taken in a state. */
export function stepsFrom({ automata, automatonOf }: System, { controls, masks }: Look): readonly GlideStep[] {
  return automatonOf.flatMap((index, thread) => {
    const first = (automata[index] as CompiledAutomaton).edgeStart[controls[thread] as number] as number;
    const mask = masks[thread] as number;
    return Array.from({ length: 32 - Math.clz32(mask) }, (_, offset) => ({ thread, edge: first + offset })).filter(
      (_, offset) => ((mask >>> offset) & 1) === 1,
    );
  });
}

/** The steps that lead to a stored state as moves, for a schedule. */
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
