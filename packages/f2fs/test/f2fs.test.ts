import { type Exploration, explore } from '@faultpath/engine';
import { buildFaultModel, eraNames, type FaultCase, type Filesystem } from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { f2fs } from '../src/index.ts';

function exploreF2fs(
  given: Omit<FaultCase, 'filesystem'>,
  change: Partial<Pick<Filesystem, 'decisions' | 'mappingGfpByKind'>> = {},
): Exploration {
  return explore(buildFaultModel({ victims: [{ kind: 'orphan' }], ...given, filesystem: { ...f2fs, ...change } }));
}

const create = { kind: 'create' } as const;
const write = { kind: 'write-fault' } as const;

describe('a file is made while unlinked inodes are reclaimed', () => {
  test('v5.15 has FS in the mask of directories: an operation inside an operation, with a checkpoint between', () => {
    const found = exploreF2fs({ era: 'v5.15', tasks: [create] });
    expect(found.verdict).toBe('found');
    const cycle = found.deadlocks[0]?.witness.cycle ?? [];
    expect(new Set(cycle.map(({ name, wants }) => `${name} ${wants?.object.name} ${wants?.mode}`))).toEqual(
      new Set(['create-0 f2fs.cp_rwsem shared', 'f2fs_ckpt/f2fs f2fs.cp_rwsem exclusive']),
    );
    const stack = cycle.find(({ name }) => name === 'create-0')?.backtrace;
    for (const name of ['f2fs_lock_op', 'f2fs_evict_inode', '__f2fs_find_entry', 'f2fs_do_add_link', 'f2fs_create'])
      expect(stack).toContain(name);
  });

  test.each(['v4.9', 'v4.10', 'v4.12', 'v6.1', 'v6.12'] as const)('%s has none', (era) => {
    expect(exploreF2fs({ era, tasks: [create, { kind: 'mkdir', directory: 1 }] }).verdict).toBe('proved');
  });

  test('the mask is what makes the difference, in every era', () => {
    const rule = { eras: eraNames, without: '__GFP_HIGHMEM', at: 'a twin', because: 'FS is left in' };
    for (const era of eraNames) {
      expect(exploreF2fs({ era, tasks: [create] }, { mappingGfpByKind: { directory: [rule] } }).verdict).toBe('found');
    }
  });

  test('what takes it away: no unlinked inode, an operation that is a scope', () => {
    expect(exploreF2fs({ era: 'v5.15', tasks: [create], victims: [{ kind: 'linked' }] }).verdict).toBe('proved');
    expect(exploreF2fs({ era: 'v5.15', policy: 'scope', tasks: [create] }).verdict).toBe('proved');
  });

  test('a symbolic link’s own page is made after the operation', () => {
    expect(exploreF2fs({ era: 'v6.1', tasks: [{ kind: 'symlink' }] }).verdict).toBe('proved');
  });
});

describe('faults through the page cache', () => {
  test.each(eraNames)('%s: reads and writes end', (era) => {
    expect(exploreF2fs({ era, tasks: [{ kind: 'read-fault' }, write] }).verdict).toBe('proved');
  });

  test.each(eraNames)('%s: so do a truncate and an fsync beside them', (era) => {
    for (const kind of ['truncate', 'fsync'] as const)
      for (const fault of [{ kind: 'read-fault' } as const, write])
        expect(exploreF2fs({ era, tasks: [fault, { kind }] }).verdict).toBe('proved');
  });

  test('pages of nodes that keep FS deadlock under either lock', () => {
    const decisions = { ...f2fs.decisions, nodeMaskNofs: false };
    for (const era of ['v4.9', 'v6.1'] as const) {
      expect(exploreF2fs({ era, tasks: [write] }, { decisions }).verdict).toBe('found');
    }
  });
});
