import { compileSystem, EngineError, type System } from '@faultpath/engine';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLook } from '../src/look.ts';
import { search } from '../src/search.ts';
import type { SearchOptions } from '../src/search-options.ts';
import { stuckFinderOf } from '../src/stuck-states.ts';
import { programs } from './oracle/arbitrary.ts';
import { modelOf, type Program } from './oracle/program.ts';

const options: SearchOptions = {
  order: 'bfs',
  persistentSets: true,
  symmetry: true,
  fuse: true,
  bisimulation: true,
  proviso: true,
  maxStates: 2_000,
  stopAtFirst: false,
  partialDeadlocks: true,
};

/** Undefined for a program that takes a lock again and again. */
function systemOf(program: Program): System | undefined {
  try {
    return compileSystem(modelOf(program));
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}

it('finds the states that looking in every one of them finds', () => {
  let stuck = 0;
  let partly = 0;
  fc.assert(
    fc.property(programs({ errors: true }), (program) => {
      const system = systemOf(program);
      if (system === undefined) return;
      const { store, deadEnds, exhausted } = search(system, options);
      if (!exhausted) return;
      const look = createLook(system);
      const finder = stuckFinderOf(system, options);
      const words = new Int32Array(system.layout.words);
      const seen = new Set<string>();
      const expected: object[] = [];
      for (let state = 0; state < store.count; state++) {
        store.read(state, words);
        const { controls, masks, moving } = look(words);
        const threads = [...finder.find(controls, masks, words)];
        const key = threads
          .map((t) => `${system.automatonOf[t]}:${controls[t]}`)
          .toSorted()
          .join();
        if (threads.length === 0 || seen.has(key)) continue;
        seen.add(key);
        expected.push({ state, threads, partial: moving > 0 });
      }
      expect(deadEnds).toEqual(expected);
      stuck += expected.length;
      partly += deadEnds.filter(({ partial }) => partial).length;
    }),
    { numRuns: 150 },
  );
  // Programs in which nobody is ever stuck would show nothing.
  expect(stuck).toBeGreaterThan(50);
  expect(partly).toBeGreaterThan(5);
});
