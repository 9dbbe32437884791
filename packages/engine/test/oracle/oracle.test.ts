import { EngineError } from '@faultpath/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { programs, type Style } from './arbitrary.ts';
import { compareOn } from './compare.ts';
import { modelOf } from './program.ts';

const RUNS = Number(process.env['ENGINE_ORACLE_RUNS'] ?? 120);
const SEED = Number(process.env['ENGINE_ORACLE_SEED'] ?? 20161217);
const MOST_STATES = 4_000;

interface Tally {
  programs: number;
  compared: number;
  deadlocks: number;
  errors: number;
  stuckOnly: number;
  unbounded: number;
  symmetric: number;
  passages: number;
}

/** Compares random programs of a style; what it covered says whether the comparison means anything. */
function compareMany(style: Style, runs: number): Tally {
  const tally: Tally = {
    programs: 0,
    compared: 0,
    deadlocks: 0,
    errors: 0,
    stuckOnly: 0,
    unbounded: 0,
    symmetric: 0,
    passages: 0,
  };
  fc.assert(
    fc.property(programs(style), (program) => {
      tally.programs++;
      let comparison: ReturnType<typeof compareOn>;
      try {
        comparison = compareOn(modelOf(program), MOST_STATES);
      } catch (error) {
        // A repeating thread may have no step that others see; a program may throw at once.
        if (!(error instanceof EngineError && ['ENGINE_UNBOUNDED', 'ENGINE_MODEL'].includes(error.code))) throw error;
        tally.unbounded++;
        return;
      }
      const { oracle, disagreements, symmetric, passages } = comparison;
      expect(disagreements).toEqual([]);
      if (oracle.gaveUp) return;
      tally.compared++;
      if (symmetric) tally.symmetric++;
      if (passages) tally.passages++;
      if (oracle.errors.size > 0) tally.errors++;
      else if (oracle.deadlocks.size > 0) tally.deadlocks++;
      else if (oracle.stuck.size > 0) tally.stuckOnly++;
    }),
    { numRuns: runs, seed: SEED },
  );
  return tally;
}

describe('the engine and a naive interpreter', () => {
  it('agree on random programs without errors, whatever is switched on', () => {
    const tally = compareMany({ errors: false }, RUNS);
    expect(tally.compared).toBeGreaterThan(tally.programs / 2);
    expect(tally.deadlocks).toBeGreaterThan(tally.programs / 20);
    expect(tally.passages).toBeGreaterThan(tally.programs / 20);
  }, 1e8);

  it('agree on random programs that make mistakes', () => {
    const tally = compareMany({ errors: true }, RUNS);
    expect(tally.errors).toBeGreaterThan(tally.programs / 20);
  }, 1e8);

  it('agree on threads that differ in their objects only', () => {
    const tally = compareMany({ errors: false, objects: true }, Math.ceil(RUNS / 3));
    expect(tally.symmetric).toBeGreaterThan(tally.programs / 5);
    expect(tally.deadlocks).toBeGreaterThan(tally.programs / 20);
  }, 1e8);

  it('agree on such threads when they make mistakes', () => {
    const tally = compareMany({ errors: true, objects: true }, Math.ceil(RUNS / 3));
    expect(tally.symmetric).toBeGreaterThan(tally.programs / 5);
    expect(tally.errors).toBeGreaterThan(tally.programs / 20);
  }, 1e8);
});
