import type { Automorphism } from '../automorphism.ts';
import { type FlatSystem, holdsIn } from '../flat-system.ts';
import { createStepTables, type StepTables } from '../step-tables.ts';
import type { MemberOptions } from './member.ts';

/** What another thread needs to search the system: nothing that cannot be cloned. */
export type SentSystem = Omit<FlatSystem, keyof StepTables | 'holds' | 'automorphisms'> & {
  readonly automorphisms: readonly Automorphism[];
};

/** Takes the numbers out of a system, but for what the switches leave unused and what would have to be found first. */
export function packSystem(
  system: FlatSystem,
  { symmetry, persistentSets, bisimulation }: Pick<MemberOptions, 'symmetry' | 'persistentSets' | 'bisimulation'>,
): SentSystem {
  const { automatonOf, daemons, actions, relations, layout, initial, edgeCount, symmetric } = system;
  return {
    automata: system.automata.map(
      ({ states, edgeStart, edgeAction, edgeTo, edgeError, asAtStart, bisimilar, futures, edgeBase, stateBase }) => ({
        states,
        edgeStart,
        edgeAction,
        edgeTo,
        edgeError,
        asAtStart,
        bisimilar,
        futures,
        edgeBase,
        stateBase,
      }),
    ),
    automatonOf,
    daemons,
    actions,
    relations,
    layout,
    initial,
    edgeCount,
    symmetric,
    passages: persistentSets && bisimulation ? system.passages : [],
    automorphisms: symmetry ? system.automorphisms() : [],
  };
}

/** Makes a system of numbers that came from elsewhere. */
export function unpackSystem(sent: SentSystem): FlatSystem {
  const { actions, layout, automorphisms } = sent;
  return {
    ...sent,
    ...createStepTables(actions, layout),
    holds: holdsIn(layout),
    automorphisms: () => automorphisms,
  };
}
