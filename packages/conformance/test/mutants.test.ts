import { describe, expect, test } from 'vitest';
import { type MutantResult, mergeMutantReports, runMutants } from '../src/index.ts';
import { oneCell, tiny } from './tinyfs.ts';

const few = { adapters: [tiny], ...oneCell, case: ['dax/001', 'dax/002'] };
const report = runMutants(few);
const mutant = (id: string): MutantResult | undefined => report.mutants.find((each) => each.mutant === id);

describe('mutants of an adapter that the kit has never seen', () => {
  test('have stable names for what is changed, and where', () => {
    expect(report.mutants.map((each) => each.mutant)).toEqual(
      expect.arrayContaining([
        'drop-lock:invalidate_lock@tiny_fault',
        'drop-lock:map_lock@tiny_begin',
        'forget-unlock:map_lock@tiny_evict',
        'skip-freeze:sb_pagefaults@tiny_fault',
        'swap:sb_pagefaults,invalidate_lock@tiny_fault',
      ]),
    );
  });

  test('are killed by a rule that is named, in a cell that is named', () => {
    expect(mutant('drop-lock:invalidate_lock@tiny_fault')).toMatchObject({
      verdict: 'killed',
      killedBy: ['lock/contract'],
      cell: 'tiny/v6.1/as-released/dax/001',
    });
    expect(mutant('skip-freeze:sb_pagefaults@tiny_fault')?.killedBy).toContain('lock/contract');
    expect(mutant('forget-unlock:sb_pagefaults@tiny_fault')?.killedBy).toContain('lock/leak');
    expect(mutant('swap:sb_pagefaults,invalidate_lock@tiny_fault')?.killedBy).toContain('lock/order');
  });

  test('survive where nothing says what a lock is for, and say what is needed', () => {
    expect(mutant('drop-lock:map_lock@tiny_begin')).toMatchObject({ verdict: 'survived', killedBy: [] });
    expect(mutant('drop-lock:map_lock@tiny_begin')?.needs).toContain('contract');
  });

  test('and are killed once a contract says it', () => {
    const because = 'the map is one for the whole filesystem';
    const told = { ...tiny, contracts: [{ data: 'mapped', holds: ['map_lock'], because }] };
    const { mutants } = runMutants({ ...few, adapters: [told] });
    const killed = mutants.find((each) => each.mutant === 'drop-lock:map_lock@tiny_begin');
    expect(killed).toMatchObject({ verdict: 'killed', killedBy: ['lock/contract'] });
  });

  test('are sampled by a seed, and the sample is the same every time', () => {
    const sample = (seed: number): readonly string[] =>
      runMutants({ ...few, limit: 3, seed, maxStates: 1 }).mutants.map((each) => each.mutant);
    expect(sample(1)).toEqual(sample(1));
    expect(sample(1)).toHaveLength(3);
    expect(sample(1)).not.toEqual(sample(2));
  });

  test('in parts are the whole', () => {
    const parts = [1, 2].map((index) => runMutants({ ...few, shard: { index, of: 2 } }));
    expect(mergeMutantReports(parts)).toEqual(report);
  });

  test('are judged in no cell that is not run', () => {
    expect(runMutants({ ...few, case: ['dax/004'] })).toEqual({ mutants: [], summary: [] });
  });
});
