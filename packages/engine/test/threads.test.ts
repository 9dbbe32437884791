import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundled, bundled } from '../../../tools/vitest/bundled.ts';
import { canExploreParallel } from '../src/parallel/threads.ts';
import { nothingReduced } from './every-state.ts';
import { programs } from './oracle/arbitrary.ts';
import { told } from './told.ts';

let bundle: Bundled;
let built: typeof import('./in-threads.ts');

beforeAll(async () => {
  bundle = await bundled('engine', { engine: new URL('in-threads.ts', import.meta.url) });
  built = await import(bundle.url('engine'));
}, 120_000);

afterAll(() => bundle.remove());

describe('a search on several threads', () => {
  test('needs what is built', () => {
    expect([canExploreParallel, built.canExploreParallel]).toEqual([false, true]);
  });

  test.each([1, 2, 3])('says all that the search alone says, with %i', async (workers) => {
    const { compileSystem, reclaimModel, exploreSystem, exploreParallel } = built;
    const safe = compileSystem(reclaimModel({ tasks: 3, inodes: 2, vmfOrFs: true, nofs: true }));
    const bug = compileSystem(reclaimModel({ tasks: 3, inodes: 2, vmfOrFs: true }));
    for (const [system, options] of [
      [safe, nothingReduced],
      [safe, { symmetry: false, fuse: false }],
      [bug, { all: true }],
      [bug, {}],
    ] as const)
      expect(told(await exploreParallel(system, { ...options, workers, alone: 100 }))).toEqual(
        told(exploreSystem(system, options)),
      );
  });

  test('says so of random programs', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(programs({ errors: true }), async (program) => {
        let system: ReturnType<typeof built.compileSystem>;
        try {
          system = built.compileSystem(built.modelOf(program));
        } catch (error) {
          if (error instanceof built.EngineError) return;
          throw error;
        }
        const options = { all: true, symmetry: false, fuse: false, witnessStates: 0, maxStates: 5000 };
        const alone = told(built.exploreSystem(system, options));
        for (const workers of [2, 3])
          expect(told(await built.exploreParallel(system, { ...options, workers, alone: 1 }))).toEqual(alone);
        compared++;
      }),
      { numRuns: 25, seed: 20180611 },
    );
    expect(compared).toBeGreaterThan(12);
  });

  test('ends when it is aborted, with what is known', async () => {
    const system = built.compileSystem(built.reclaimModel({ tasks: 4, inodes: 2, vmfOrFs: true, nofs: true }));
    const controller = new AbortController();
    const { verdict, states, exhausted } = await built.exploreParallel(system, {
      persistentSets: false,
      symmetry: false,
      proviso: false,
      signal: controller.signal,
      onProgress: (progress) => {
        if (progress.states > 30_000) controller.abort();
        return undefined;
      },
    });
    expect({ verdict, exhausted }).toEqual({ verdict: 'incomplete', exhausted: false });
    expect(states).toBeGreaterThan(30_000);
    expect(states).toBeLessThan(2_971_242);
  });

  test('names a thread that was lost', async () => {
    const system = built.compileSystem(built.reclaimModel({ tasks: 2, inodes: 2, vmfOrFs: true, nofs: true }));
    const options = {
      order: 'bfs' as const,
      persistentSets: true,
      symmetry: true,
      fuse: true,
      bisimulation: true,
      proviso: true,
      partialDeadlocks: true,
      stopAtFirst: true,
    };
    const crew = built.startThreads(system, options, new Uint8Array(new SharedArrayBuffer(1024)), 2);
    // No state has been stored yet, so that there is nothing to read.
    const parts = crew.expand({ from: 0, to: 4, piece: 1, news: { vectors: [], count: 0 } });
    await expect(parts).rejects.toMatchObject({ code: 'ENGINE_THREADS' });
    await crew.end();
  });
});
