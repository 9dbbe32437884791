import { firstOfEach } from './first-of-each.ts';
import type { FlatSystem } from './flat-system.ts';
import { readField, writeField } from './layout.ts';
import type { SearchOptions } from './search-options.ts';

/** Says which states count as one: those whose threads stand in the same classes. */
export interface Matcher {
  /** Writes what is compared of a state. */
  project(words: Int32Array, into: Int32Array): void;
}

/** Per automaton and place: 1 for one that is told from all others. */
export type Apart = readonly Uint8Array[];

/**
 * The matcher that a search asks for; undefined for none, and where each class has one member. Bisimilar places are one, but
 * for those that are `apart`.
 */
export function matcherOf(
  system: FlatSystem,
  { bisimulation, apart }: Pick<SearchOptions, 'bisimulation' | 'apart'>,
): Matcher | undefined {
  if (!bisimulation) return undefined;
  const classes = system.automata.map(({ bisimilar }, index) => firstOfEach(bisimilar, apart?.[index]));
  const { layout, automatonOf } = system;
  const fields = layout.threads.flatMap((field, thread) => {
    const of = classes[automatonOf[thread] as number] as Int32Array;
    return of.every((number, control) => number === control) ? [] : [{ field, of }];
  });
  if (fields.length === 0) return undefined;
  return {
    project(words, into) {
      into.set(words);
      for (let index = 0; index < fields.length; index++) {
        const { field, of } = fields[index] as (typeof fields)[number];
        writeField(field, into, of[readField(field, words)] as number);
      }
    },
  };
}
