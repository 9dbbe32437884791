import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundled, bundled } from '../../../tools/vitest/bundled.ts';
import { canRunParallel } from '../src/index.ts';
import { hanging } from './hanging.ts';
import { oneCell } from './tinyfs.ts';

/** The package and adapters as they are built, with the packages below from their sources: threads run no TypeScript. */
let bundle: Bundled;
let built: typeof import('../src/index.ts');
const url = (name: string): string => bundle.url(name);

beforeAll(async () => {
  const source = (path: string): URL => new URL(path, import.meta.url);
  const entry = { index: source('../src/index.ts'), tinyfs: source('tinyfs.ts'), hanging: source('hanging.ts') };
  bundle = await bundled('parallel', entry);
  built = await import(url('index'));
}, 120_000);

afterAll(() => bundle.remove());

describe('a run on several threads', () => {
  const selection = { era: ['v6.1'], policy: ['as-released', 'core'], case: ['quick'] };

  test('needs what is built', () => {
    expect([canRunParallel, built.canRunParallel]).toEqual([false, true]);
  });

  test('has the outcomes of one when threads are left over, and share each search', async () => {
    const { tiny } = await import(url('tinyfs'));
    const few = { ...oneCell, case: ['dax/001'] };
    const alone = await built.runConformance({ adapters: [tiny], ...few });
    const shared = await built.runConformance({ adapters: [tiny], ...few, workers: 2 });
    const inThread = await built.runParallel({ modules: [url('tinyfs')], ...few, jobs: 3 });
    expect(shared.map(({ result }) => result)).toEqual(alone.map(({ result }) => result));
    expect(inThread.map(({ result }) => result)).toEqual(alone.map(({ result }) => result));
  });

  test('gives up where one does, however many share a cell', async () => {
    const { tiny } = await import(url('tinyfs'));
    const options = { adapters: [tiny], ...oneCell, case: ['dax/001'], maxStates: 20 };
    const alone = await built.runConformance(options);
    expect(alone[0]?.result.verdict).toBe('incomplete');
    const shared = await built.runConformance({ ...options, workers: 2 });
    expect(shared.map(({ result }) => result)).toEqual(alone.map(({ result }) => result));
  });

  test.each([1, 3])('has the outcomes of one, in their order, with %i', async (jobs) => {
    const seen: string[] = [];
    const outcomes = await built.runParallel({
      modules: [url('tinyfs')],
      jobs,
      ...selection,
      onCell: ({ result }, done, total) => seen.push(`${built.cellName(result)} ${done}/${total}`),
    });
    const { tiny } = await import(url('tinyfs'));
    const alone = await built.runConformance({ adapters: [tiny], ...selection });
    expect(outcomes).toEqual(structuredClone(alone));
    expect(outcomes.some(({ result }) => result.sameAs !== undefined)).toBe(true);
    expect(seen.length).toBe(outcomes.length);
    expect(seen.at(-1)).toContain(`${outcomes.length}/${outcomes.length}`);
  });

  test('goes on where an adapter never comes back', async () => {
    const modules = [url('tinyfs'), url('hanging')];
    const few = { ...oneCell, case: ['dax/001', 'dax/002'] };
    const outcomes = await built.runParallel({ modules, jobs: 2, patience: 5000, ...few });
    const told = outcomes.map(({ result }) => `${result.fs} ${result.verdict}`);
    expect(told).toEqual(['tiny pass', 'tiny pass', `${hanging.name} fail`, `${hanging.name} fail`]);
    for (const { result } of outcomes.slice(2))
      expect(result.findings[0]?.claim).toContain('CONFORMANCE_ADAPTER_HANGS');
  });

  test('ends when it is told to', async () => {
    const controller = new AbortController();
    controller.abort();
    const outcomes = await built.runParallel({ modules: [url('tinyfs')], signal: controller.signal, ...selection });
    expect(outcomes).toEqual([]);
  });

  test('refuses what a run on one refuses', async () => {
    const unknown = built.runParallel({ modules: [url('tinyfs')], fs: ['ext5'] });
    await expect(unknown).rejects.toMatchObject({ code: 'CONFORMANCE_UNKNOWN_VALUE' });
  });
});
