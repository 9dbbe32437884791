import type { FlatSystem } from './flat-system.ts';
import { readField, writeField } from './layout.ts';

/** Says which states count as one: those whose threads stand in the same classes. */
export interface Matcher {
  /** Writes what is compared of a state. */
  project(words: Int32Array, into: Int32Array): void;
}

/** Per automaton, the class of each control state. */
export type Classes = readonly Int32Array[];

/**
 * Makes a matcher; undefined where each class has one member. Without `classes`, control states are one that nobody else
 * can tell apart, whatever the thread holds and tells in them.
 */
export function createMatcher(system: FlatSystem, classes: Classes = bisimilarity(system)): Matcher | undefined {
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

/** Classes of places that nobody else can tell apart. */
export function bisimilarity({ automata }: FlatSystem): Classes {
  return automata.map(({ bisimilar }) => bisimilar);
}
