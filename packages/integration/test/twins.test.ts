import { cellName, runMutants, runTwins, type TwinResult } from '@faultpath/conformance';
import { expect, test } from 'vitest';
import { adapters } from '../src/index.ts';

const newest = { era: ['v6.12'], policy: ['as-released'] } as const;
const named = (twin: TwinResult): string => `${cellName(twin)} ${twin.twin}: ${twin.verdict} ${twin.caughtBy.join()}`;

test.each([
  ['ext4', ['dax/001', 'dax/005', 'dax/006', 'dax/007']],
  ['xfs', ['dax/001', 'dax/003', 'dax/006', 'dax/007']],
  ['ext2', ['dax/001', 'dax/002', 'dax/006', 'dax/007']],
  ['nilfs2', ['page']],
  ['f2fs', ['page']],
])(
  'twins of %s are caught by the rule they name',
  (fs, ids) => {
    const twins = runTwins({ adapters, fs: [fs], case: ids, ...newest, maxStates: 200_000 });
    expect(twins.length).toBeGreaterThan(3);
    expect(twins.filter(({ asExpected }) => !asExpected).map(named)).toEqual([]);
  },
  240_000,
);

test('a read fault through the page cache has no twin that nothing catches', () => {
  const twins = runTwins({ adapters, fs: ['nilfs2', 'f2fs'], case: ['page/001'], ...newest });
  expect(twins.length).toBeGreaterThan(0);
  const survivors = twins.filter(({ verdict }) => verdict === 'survived');
  expect(survivors.map(({ fs, twin }) => `${fs} ${twin}`)).toEqual([]);
});

test('of a sample of mutants of every adapter, nine in ten that differ are killed', () => {
  const { mutants, summary } = runMutants({ adapters, era: ['v6.12'], limit: 5, seed: 7 });
  expect(summary.map(({ fs }) => fs)).toEqual(adapters.map(({ name }) => name));
  const different = mutants.filter(({ verdict }) => verdict !== 'equivalent');
  expect(different.length).toBeGreaterThan(15);
  const killed = different.filter(({ verdict }) => verdict === 'killed');
  expect(killed.length / different.length).toBeGreaterThanOrEqual(0.9);
  for (const { killedBy } of killed) expect(killedBy).not.toEqual([]);
}, 240_000);
