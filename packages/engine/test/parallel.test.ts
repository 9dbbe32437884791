import {
  compileSystem,
  createKnownSearches,
  EngineError,
  type Exploration,
  exploreParallel,
  exploreSystem,
} from '@faultpath/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exploreTogether, type ParallelExploreOptions } from '../src/explore-parallel.ts';
import type { HiredCrew } from '../src/parallel/ahead.ts';
import type { Batch } from '../src/parallel/member.ts';
import type { SearchOptions } from '../src/search.ts';
import type { System } from '../src/system.ts';
import { nothingReduced } from './every-state.ts';
import { crewInTurns } from './in-turns.ts';
import { philosophers } from './models/philosophers.ts';
import { reclaimModel } from './models/reclaim.ts';
import { programs, type Style } from './oracle/arbitrary.ts';
import { compareOn } from './oracle/compare.ts';
import { modelOf } from './oracle/program.ts';
import { told } from './told.ts';

const safe = compileSystem(reclaimModel({ tasks: 2, inodes: 2, vmfOrFs: true, nofs: true }));
const bug = compileSystem(reclaimModel({ tasks: 2, inodes: 2, vmfOrFs: true }));

function together(
  system: System,
  options: ParallelExploreOptions,
  size = 2,
  seed = 1,
  seen?: (batch: Batch) => void,
): Promise<Exploration> {
  const start = (chosen: SearchOptions, places: Uint8Array): HiredCrew =>
    crewInTurns(system, chosen, places, size, seed, seen);
  return exploreTogether(system, { alone: 0, few: 1, ...options }, start);
}

const switches: readonly ParallelExploreOptions[] = [
  nothingReduced,
  { persistentSets: false },
  { symmetry: false, fuse: false },
  { fuse: false },
  { proviso: false },
  { bisimulation: false },
  { symmetry: false },
  {},
  { fuseFrom: 0 },
  { fuseFrom: 100, symmetry: false },
  { maxStates: 300 },
];

describe('a search that others run ahead of', () => {
  it.each(switches)('says all that the search alone says, in the same words: %j', async (given) => {
    for (const [system, all] of [
      [safe, false],
      [bug, false],
      [bug, true],
      [compileSystem(philosophers(6)), true],
    ] as const) {
      const options = { ...given, all };
      const alone = told(exploreSystem(system, options));
      for (const size of [1, 2, 3]) expect(told(await together(system, options, size, size))).toEqual(alone);
    }
  });

  it('asks for each state once, and for no more at once than fits a bounded memory', async () => {
    const sizes: number[] = [];
    const { states } = await together(safe, nothingReduced, 2, 1, ({ from, to }) => sizes.push(to - from));
    expect(states).toBe(17_788);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(8192);
    const asked = sizes.reduce((sum, size) => sum + size, 0);
    expect(asked).toBeGreaterThan(17_000);
    expect(asked).toBeLessThanOrEqual(states);
  });

  it('starts nobody for a model that is explored by then', async () => {
    const nobody = (): HiredCrew => {
      throw new Error('nobody is needed');
    };
    expect(await exploreTogether(safe, { alone: 20_000 }, nobody)).toMatchObject({ verdict: 'proved' });
    await expect(exploreTogether(safe, { ...nothingReduced, alone: 10_000 }, nobody)).rejects.toThrow(
      'nobody is needed',
    );
  });

  it('gives a partial answer when it is aborted, from which it can go on', async () => {
    const controller = new AbortController();
    const part = await together(safe, { ...nothingReduced, signal: controller.signal }, 2, 1, ({ to }) => {
      if (to > 5000) controller.abort();
    });
    expect(part).toMatchObject({ verdict: 'incomplete', exhausted: false });
    expect(part.states).toBeGreaterThan(5000);
    expect(part.states).toBeLessThan(17_788);
    const resume = structuredClone(part.checkpoint());
    if (resume === undefined) throw new Error('a search that was aborted can go on');
    for (const rest of [
      exploreSystem(safe, { ...nothingReduced, resume }),
      await together(safe, { ...nothingReduced, resume }),
    ])
      expect(rest).toMatchObject({ verdict: 'proved', states: 17_788, transitions: 64_412 });
  });

  it('tells how far it is, and stops when it is told to', async () => {
    const seen: number[] = [];
    const onProgress = ({ states }: { states: number }): boolean => {
      seen.push(states);
      return states < 4000;
    };
    const { verdict, states } = await together(safe, { ...nothingReduced, onProgress });
    expect(verdict).toBe('incomplete');
    expect(seen.at(-1)).toBe(states);
    expect(seen.toSorted((left, right) => left - right)).toEqual(seen);
  });

  it('is made once for models that nobody can tell apart, and not when somebody stopped it', async () => {
    const known = createKnownSearches();
    let asked = 0;
    const count = (): void => {
      asked++;
    };
    const stopped = await together(safe, { known, onProgress: () => false });
    expect(stopped.verdict).toBe('incomplete');
    const first = await together(safe, { known }, 2, 1, count);
    const before = asked;
    expect(before).toBeGreaterThan(0);
    const second = await together(safe, { known }, 2, 1, count);
    expect(asked).toBe(before);
    expect(told(second)).toEqual(told(first));
    expect(exploreSystem(safe, { known }).states).toBe(first.states);
  });

  it('passes on that somebody was lost, and lets the others go', async () => {
    let ended = 0;
    const crew: HiredCrew = {
      size: 1,
      expand: () => Promise.reject(new EngineError('ENGINE_THREADS', 'worker thread', 'it was lost')),
      hurry: () => undefined,
      end: async () => {
        ended++;
      },
    };
    await expect(exploreTogether(safe, { alone: 0, few: 1 }, () => crew)).rejects.toMatchObject({
      code: 'ENGINE_THREADS',
    });
    expect(ended).toBe(1);
  });

  it.each<[ParallelExploreOptions, string]>([
    [{ order: 'dfs' }, 'ENGINE_ARGUMENT'],
    [{ sleepSets: true }, 'ENGINE_ARGUMENT'],
    [{ alone: -1 }, 'ENGINE_ARGUMENT'],
  ])('refuses %j', async (options, code) => {
    await expect(together(safe, options)).rejects.toMatchObject({ code });
  });

  it('needs threads, and a number of them', async () => {
    await expect(exploreParallel(safe, { workers: 0 })).rejects.toMatchObject({ code: 'ENGINE_ARGUMENT' });
    // These are sources.
    await expect(exploreParallel(safe)).rejects.toMatchObject({ code: 'ENGINE_THREADS' });
  });
});

describe('random programs', () => {
  const combinations: readonly ParallelExploreOptions[] = [true, false].flatMap((persistentSets) =>
    [true, false].flatMap((symmetry) =>
      [true, false].map((fuse) => ({ persistentSets, symmetry, fuse, all: true, witnessStates: 0 })),
    ),
  );

  it.each<Style>([{ errors: false }, { errors: true }, { errors: true, objects: true }])(
    'are explored alike by one, two and three, as the naive interpreter has it: %j',
    async (style) => {
      let compared = 0;
      let found = 0;
      await fc.assert(
        fc.asyncProperty(programs(style), fc.nat(), async (program, seed) => {
          let system: System;
          try {
            const { oracle, disagreements } = compareOn(modelOf(program), 500);
            expect(disagreements).toEqual([]);
            if (oracle.gaveUp) return;
            system = compileSystem(modelOf(program));
          } catch (error) {
            if (!(error instanceof EngineError && ['ENGINE_UNBOUNDED', 'ENGINE_MODEL'].includes(error.code)))
              throw error;
            return;
          }
          for (const options of combinations) {
            const alone = exploreSystem(system, options);
            for (const size of [1, 2, 3])
              expect(told(await together(system, options, size, seed))).toEqual(told(alone));
            compared++;
            if (alone.verdict === 'found') found++;
          }
        }),
        { numRuns: 20, seed: 20170403 },
      );
      expect(compared).toBeGreaterThan(60);
      expect(found).toBeGreaterThan(4);
    },
  );
});
