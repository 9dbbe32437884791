import { explore } from '@faultpath/engine';
import { buildFaultModel, type EraName, type PolicyName } from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { ext4 } from '../src/index.ts';
import { eventsOf, exploreExt4, read, write } from './support.ts';

/** Effective masks of the page-table pages allocated with the entry locked. */
function insertMasks(era: EraName, kind: typeof read | typeof write, policy: PolicyName = 'as-released') {
  return eventsOf(exploreExt4({ era, policy, tasks: [kind] })).flatMap(({ event, backtrace }) =>
    event.type === 'alloc' && event.site === 'pte_alloc_one' && backtrace.includes('insert_pfn')
      ? [event.effective.text]
      : [],
  );
}

describe('the page-table page that DAX installs', () => {
  test('is NOFS inside a handle, by the mask that recordings of v6.1 show', () => {
    expect(insertMasks('v6.1', write)).toEqual(['GFP_NOFS|__GFP_ZERO|__GFP_ACCOUNT']);
  });

  test('is not in a read fault, nor in a release whose handles are no scope', () => {
    expect(insertMasks('v6.1', read)).toEqual(['GFP_KERNEL_ACCOUNT|__GFP_ZERO']);
    expect(insertMasks('v4.9', write)).toEqual(['GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_NOTRACK']);
    expect(insertMasks('v4.9', write, 'scope')).toEqual(['GFP_NOFS|__GFP_ZERO|__GFP_ACCOUNT|__GFP_NOTRACK']);
  });
});

describe('handles', () => {
  test('every scope and every lock taken is given back, on every way through a fault', () => {
    const exploration = exploreExt4(
      { era: 'v6.1', tasks: [read, write], victims: [{ kind: 'orphan' }] },
      { all: true },
    );
    for (const automaton of exploration.system.automata) {
      for (const state of automaton.detailed.states) {
        if (state.status !== 'done') continue;
        expect(state.held).toEqual([]);
        expect(state.locals.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0]);
      }
    }
  });

  test('one of another journal is a mistake: reclaim inside a handle must not start it', () => {
    const mounts = [
      { name: 'a', filesystem: ext4 },
      { name: 'b', filesystem: ext4 },
    ];
    const across = (era: EraName) =>
      explore(
        buildFaultModel({
          era,
          filesystem: mounts,
          tasks: [{ ...write, fs: 'a' }],
          victims: [{ kind: 'orphan', fs: 'b' }],
        }),
        { all: true },
      );
    expect(across('v4.9').errors.map(({ code }) => code)).toContain('jbd2/foreign-handle');
    expect(across('v6.1').errors).toEqual([]);
  });
});

describe('a leaf lock', () => {
  test.each([
    ['v4.9', write],
    ['v6.1', write],
    ['v6.1', read],
  ] as const)('%s: nothing is waited for inside i_data_sem', (era, kind) => {
    const { system } = exploreExt4(
      { era, tasks: [kind, write, { kind: 'truncate' }], victims: [{ kind: 'orphan' }] },
      { all: true },
    );
    for (const automaton of system.automata) {
      for (const state of automaton.detailed.states) {
        if (state.held.some(({ object }) => object.name.endsWith('inode0.i_data_sem')))
          expect(state.op?.wants).toBeUndefined();
      }
    }
  });
});

describe('a repeated allocation of the extent status cache', () => {
  test('is FS-capable under i_data_sem in a read fault of v6.1, NOFS in a handle, and absent in v5.15', () => {
    const retries = (era: EraName, kind: typeof read | typeof write) =>
      eventsOf(exploreExt4({ era, tasks: [kind], allocationFailure: true })).flatMap(({ event }) =>
        event.type === 'alloc' && event.site === '__es_alloc_extent' ? [event.effective.fs] : [],
      );
    expect(new Set(retries('v6.1', read))).toEqual(new Set([true]));
    expect(new Set(retries('v6.1', write))).toEqual(new Set([false]));
    expect(retries('v5.15', read)).toEqual([]);
  });
});
