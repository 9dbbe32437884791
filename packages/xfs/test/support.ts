import { type Exploration, type ExploreOptions, explore } from '@faultpath/engine';
import { buildFaultModel, type FaultCase, type Filesystem, type ModelEvent } from '@faultpath/mm';
import { xfs } from '../src/index.ts';

export const read = { kind: 'read-fault' } as const;
export const write = { kind: 'write-fault' } as const;
export const truncate = { kind: 'truncate' } as const;
export const freeze = { kind: 'freeze' } as const;
export const kswapd = { kind: 'kswapd' } as const;

/** Unused inodes of these kinds, as many as reclaim wants. */
export function unused(...kinds: readonly string[]): { readonly kind: string }[] {
  return kinds.map((kind) => ({ kind }));
}

/** Explores a case on xfs, or on a twin of it. */
export function exploreXfs(
  given: Omit<FaultCase, 'filesystem'>,
  filesystem: Filesystem = xfs,
  options: ExploreOptions = {},
): Exploration {
  return explore(buildFaultModel({ filesystem, ...given }), options);
}

/** Who waits for what in the deadlock that was found: thread and object, sorted. */
export function cycleOf(exploration: Exploration): readonly string[] {
  const cycle = exploration.deadlocks[0]?.witness.cycle ?? [];
  return cycle.map(({ name, wants }) => `${name} wants ${wants?.object.name}`).sort();
}

/** An event with the functions around it and what was held. */
export interface Told {
  readonly event: ModelEvent;
  readonly backtrace: readonly string[];
  readonly held: readonly string[];
}

/** Every event that some run of the model has. One step may have several. */
export function eventsOf(exploration: Exploration): Told[] {
  const told: Told[] = [];
  const tell = (event: unknown, backtrace: readonly string[], held: readonly { object: { name: string } }[]): void => {
    for (const each of [event].flat()) {
      if (each === undefined) continue;
      told.push({ event: each as ModelEvent, backtrace, held: held.map(({ object }) => object.name) });
    }
  };
  for (const { passed } of exploration.prologues())
    for (const each of passed) tell(each.event, each.backtrace, each.held);
  for (const { from, edge } of exploration.walk()) {
    tell(edge.alternative.event, from.backtrace, from.held);
    for (const each of edge.passed) tell(each.event, each.backtrace, each.held);
  }
  return told;
}
