import { readFileSync } from 'node:fs';
import { type Exploration, type ExploreOptions, explore } from '@faultpath/engine';
import { buildFaultModel, type FaultCase, type ModelEvent } from '@faultpath/mm';
import { ext4 } from '../src/index.ts';

export const read = { kind: 'read-fault' } as const;
export const write = { kind: 'write-fault' } as const;

/** Explores a case on ext4. */
export function exploreExt4(given: Omit<FaultCase, 'filesystem'>, options: ExploreOptions = {}): Exploration {
  return explore(buildFaultModel({ filesystem: ext4, ...given }), options);
}

/** An event with the functions around it. */
export interface Told {
  readonly event: ModelEvent;
  readonly backtrace: readonly string[];
}

/** Every event that some run of the model has. One step may have several. */
export function eventsOf(exploration: Exploration): Told[] {
  const told: Told[] = [];
  const tell = (event: unknown, backtrace: readonly string[]): void => {
    for (const each of [event].flat()) if (each !== undefined) told.push({ event: each as ModelEvent, backtrace });
  };
  for (const { passed } of exploration.prologues()) for (const each of passed) tell(each.event, each.backtrace);
  for (const { from, edge } of exploration.walk()) {
    tell(edge.alternative.event, from.backtrace);
    for (const each of edge.passed) tell(each.event, each.backtrace);
  }
  return told;
}

/** The stacks of the finding: function names, innermost first, by the last of them. */
export function recordedStacks(): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(new URL('./fixtures/stacks-6.1.txt', import.meta.url), 'utf8');
  const stacks = text
    .split('\n\n')
    .map((block) => [...block.matchAll(/\] ([a-zA-Z0-9_]+)\+/g)].map((match) => match[1] as string));
  return new Map(stacks.map((stack) => [stack[0] as string, stack]));
}
