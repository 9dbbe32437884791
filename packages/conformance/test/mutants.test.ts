import { kernelFunction } from '@faultpath/engine';
import { kmem_cache_alloc, type Machine, memalloc_nofs_restore, memalloc_nofs_save, type VmFault } from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { type MutantResult, mergeMutantReports, runMutants } from '../src/index.ts';
import { oneCell, tiny, tiny_begin } from './tinyfs.ts';

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

  test('are equivalent where a scope, or what is asked for in vain, makes no difference', () => {
    const scoped = (inside: string, after?: string) =>
      kernelFunction('scoped_begin', function* (env: Machine, vmf: VmFault) {
        const saved = yield memalloc_nofs_save(env, 'scoped_begin');
        yield* kmem_cache_alloc(env, { site: 'inside', mask: env.masks.of(inside), charged: false });
        yield memalloc_nofs_restore(env, saved, 'scoped_begin');
        if (after !== undefined)
          yield* kmem_cache_alloc(env, { site: 'after', mask: env.masks.of(after), charged: false });
        return tiny_begin(env, vmf);
      });
    const judged = (iomap_begin: ReturnType<typeof scoped>): Readonly<Record<string, string>> => {
      const { mutants } = runMutants({ ...few, adapters: [{ ...tiny, iomap_ops: { iomap_begin } }] });
      return Object.fromEntries(mutants.map((each) => [each.mutant, `${each.verdict} ${each.proof ?? ''}`]));
    };
    const needless = judged(scoped('GFP_NOFS'));
    expect(needless['widen-mask:inside@scoped_begin']).toBe('equivalent same-effects');
    expect(needless['drop-scope:NOFS@scoped_begin']).toBe('equivalent same-effects');
    const needed = judged(scoped('GFP_KERNEL', 'GFP_KERNEL'));
    expect(needed['drop-scope:NOFS@scoped_begin']).not.toContain('equivalent');
    expect(needed['release-late:NOFS@scoped_begin']).not.toContain('equivalent');
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
