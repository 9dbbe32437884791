import { type Exploration, explore } from '@faultpath/engine';
import { buildFaultModel, type FaultCase } from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { ext4Decisions, ext4Delalloc } from '../src/index.ts';

const first = { kind: 'write-fault', page: 0 } as const;
const second = { kind: 'write-fault', page: 1 } as const;

/** Two faults on two pages of one file, the flusher, the commit thread; the atomic allocation may fail. */
function exploreDelalloc(given: Partial<Omit<FaultCase, 'filesystem'>>, filesystem = ext4Delalloc): Exploration {
  const base = {
    era: 'v6.1',
    tasks: [first, second],
    victims: [{ kind: 'lazytime' }],
    allocationFailure: true,
  } as const;
  return explore(buildFaultModel({ ...base, mount: { stale_times: false }, ...given, filesystem }));
}

describe('delayed allocation: an extent is remembered under i_data_sem with no handle open (C1)', () => {
  test('writeback of another page of the file, the commit and the fault wait for each other', () => {
    const found = exploreDelalloc({});
    expect(found.verdict).toBe('found');
    const cycle = found.deadlocks[0]?.witness.cycle ?? [];
    expect(Object.fromEntries(cycle.map(({ name, wants }) => [name.replace(/-\d$/, ''), wants?.object.name]))).toEqual({
      'write-fault': 'ext4.journal.transaction',
      'jbd2/ext4': 'ext4.journal.handles',
      'flusher/ext4': 'ext4/inode0.i_data_sem',
    });
    const faulter = cycle.find(({ name }) => name.startsWith('write-fault'));
    const holds = faulter?.holds.map(({ object }) => object.name);
    expect(holds).toContain('ext4/inode0.i_data_sem');
    expect(holds).not.toContain('ext4.journal.handles');
    for (const name of ['ext4_es_insert_extent', 'ext4_da_map_blocks', 'ext4_page_mkwrite'])
      expect(faulter?.backtrace).toContain(name);
  });

  test.each(['lazytime', 'dontcache-dirty', 'orphan'])('%s inodes close it from v6.1 on', (kind) => {
    expect(exploreDelalloc({ victims: [{ kind }] }).verdict).toBe('found');
    expect(exploreDelalloc({ era: 'v6.12', victims: [{ kind }] }).verdict).toBe('found');
    expect(exploreDelalloc({ era: 'v5.15', victims: [{ kind }] }).verdict).toBe('proved');
  });

  test('what takes it away: linked inodes, no failure, one page, two files, a scope', () => {
    for (const era of ['v5.15', 'v6.1', 'v6.12'] as const)
      expect(exploreDelalloc({ era, victims: [{ kind: 'linked' }] }).verdict).toBe('proved');
    expect(exploreDelalloc({ allocationFailure: false }).verdict).toBe('proved');
    expect(exploreDelalloc({ tasks: [first, first] }).verdict).toBe('proved');
    expect(exploreDelalloc({ tasks: [first, { ...second, inode: 1 }] }).verdict).toBe('proved');
    const scope = 'nofs';
    expect(
      exploreDelalloc({
        tasks: [
          { ...first, scope },
          { ...second, scope },
        ],
      }).verdict,
    ).toBe('proved');
  });

  test('the smallest cure: the second attempt without __GFP_FS, whatever reclaim takes, a truncate beside it', () => {
    const cured = { ...ext4Delalloc, decisions: { ...ext4Decisions, esRetryNofs: true } };
    const tasks = [first, second, { kind: 'truncate' }, { kind: 'kswapd' }] as const;
    const victims = ['lazytime', 'dontcache-dirty', 'orphan'].map((kind) => ({ kind }));
    for (const era of ['v6.1', 'v6.12'] as const) {
      expect(exploreDelalloc({ era, tasks, victims }).verdict).toBe('found');
      expect(exploreDelalloc({ era, tasks, victims }, cured).verdict).toBe('proved');
    }
  });

  test('no mapping mask does: the extent’s mask is its own', () => {
    expect(exploreDelalloc({ policy: 'chinner+ext4' }).verdict).toBe('found');
  });
});
