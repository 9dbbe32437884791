import { type Exploration, explore } from '@faultpath/engine';
import {
  buildFaultModel,
  type CoreChange,
  defineFilesystem,
  eraNames,
  type FaultCase,
  type PolicyName,
  policyNames,
  type TaskSpec,
} from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { type Ext4Decision, ext4, ext4Decisions } from '../src/index.ts';
import { read, write } from './support.ts';

type Given = Partial<Omit<FaultCase, 'filesystem'>> & { readonly decide?: Partial<Record<Ext4Decision, boolean>> };

function verdict({ decide, ...given }: Given): Exploration['verdict'] {
  const filesystem = defineFilesystem({ ...ext4, decisions: { ...ext4Decisions, ...decide } });
  return explore(buildFaultModel({ era: 'v6.1', tasks: [read, write], ...given, filesystem })).verdict;
}

/** docs/findings/ext4-dax-lazytime.md: `D` is a deadlock, `.` none, `-` a kind that reclaim does not reach so. */
describe('a read fault against a write fault, by kind of inode and era', () => {
  test.each([
    ['linked', '......'],
    ['lazytime', 'D.DDDD'],
    ['orphan', 'D.DDDD'],
    ['dontcache-dirty', '---DDD'],
    ['data-journal', 'D.D---'],
    ['quota', 'D.DD--'],
  ])('%s: %s', (kind, row) => {
    const reached = (ext4.reclaim.kinds[kind]?.eras ?? []) as readonly string[];
    const seen = eraNames.map((era) => {
      if (!reached.includes(era)) return '-';
      return verdict({ era, victims: [{ kind }] }) === 'found' ? 'D' : '.';
    });
    expect(seen.join('')).toBe(row);
  });
});

/** The same page: the forms are the columns, `D` stays and `.` is cured. */
describe('what cures which form, in v6.1', () => {
  const present = { ...read, pageTable: 'present' } as const;
  const forms: readonly Given[] = [
    { tasks: [read, write] },
    { tasks: [{ ...write, sync: true }, write] },
    { tasks: [{ ...read, size: 'pmd' }, write] },
    { tasks: [present, write], allocationFailure: true },
  ];
  const kinds = ['lazytime', 'orphan', 'dontcache-dirty'];
  const changes = (...given: CoreChange[]): Given => ({ changes: given });
  const policy = (name: PolicyName): Given => ({ policy: name });

  test.each<[string, Given, string]>([
    ['nothing', {}, 'DDDD'],
    ['a scope in the read fault', { decide: { readFaultScope: true } }, '.D..'],
    ['a scope in the second half of a MAP_SYNC fault', { decide: { syncFaultScope: true } }, 'D.DD'],
    ['both', { decide: { readFaultScope: true, syncFaultScope: true } }, '....'],
    ['the preallocated page-table page', changes('use-preallocated-pte'), '..DD'],
    ['FS cleared around the call', policy('jiang'), 'DDDD'],
    ['the mapping mask obeyed', policy('chinner'), 'DDDD'],
    ['and declared at inode setup', policy('chinner+ext4'), 'DDDD'],
  ])('%s', (_, change, row) => {
    for (const kind of kinds)
      expect(
        forms.map((form) => (verdict({ ...form, ...change, victims: [{ kind }] }) === 'found' ? 'D' : '.')).join(''),
        kind,
      ).toBe(row);
  });

  test('no handle started in reclaim: every inode as a linked one', () => {
    expect(forms.map((form) => verdict({ ...form, victims: [{ kind: 'linked' }] }))).toEqual(forms.map(() => 'proved'));
  });

  test('lazy timestamps left to the flusher: that kind, and no other', () => {
    const change = changes('lazytime-stays-in-reclaim');
    const row = (kind: string): string =>
      forms.map((form) => (verdict({ ...form, ...change, victims: [{ kind }] }) === 'found' ? 'D' : '.')).join('');
    expect(kinds.map(row)).toEqual(['....', 'DDDD', 'DDDD']);
  });
});

/** docs/findings/candidates.md, C1: no handle is open there but the write faults' own. */
test('two write faults whose extents are remembered at the second attempt do not deadlock', () => {
  expect(verdict({ tasks: [write, write], victims: [{ kind: 'lazytime' }], allocationFailure: true })).toBe('proved');
});

/** docs/findings/ext4-v4.9-write-fault.md. */
describe('two write faults of v4.9', () => {
  const tasks: readonly TaskSpec[] = [write, write];

  test.each(policyNames)(
    '%s: only a scope cures them, and inodes whose end starts a handle are no danger',
    (policy) => {
      const given = { era: 'v4.9', policy, tasks } as const;
      expect(verdict({ ...given, victims: [{ kind: 'data-journal' }] })).toBe(policy === 'scope' ? 'proved' : 'found');
      for (const kind of ['lazytime', 'orphan', 'quota'])
        expect(verdict({ ...given, victims: [{ kind }] }), kind).toBe('proved');
    },
  );

  test.each(policyNames)('%s: a read fault against a write fault deadlocks all the same', (policy) => {
    expect(verdict({ era: 'v4.9', policy, victims: [{ kind: 'lazytime' }] })).toBe('found');
  });
});

/** docs/findings/freeze-and-reclaim.md. */
describe('a freeze beside a read fault and kswapd', () => {
  const tasks: readonly TaskSpec[] = [read, { kind: 'kswapd' }, { kind: 'freeze' }];

  test.each(eraNames)('%s: hangs by unlinked inodes and by no other kind', (era) => {
    for (const [kind, { eras }] of Object.entries(ext4.reclaim.kinds))
      if ((eras as readonly string[]).includes(era))
        expect(verdict({ era, tasks, victims: [{ kind }] }), kind).toBe(kind === 'orphan' ? 'found' : 'proved');
  });
});
