import { type CellOutcome, runConformance, runTwins } from '@faultpath/conformance';
import { explore } from '@faultpath/engine';
import { ext4 } from '@faultpath/ext4';
import { buildFaultModel, type CoreChange, type EraName, eraNames, ModelError } from '@faultpath/mm';
import { xfs } from '@faultpath/xfs';
import { describe, expect, test } from 'vitest';
import { loopCases } from '../src/cases/loop.ts';
import { expectations } from '../src/index.ts';

const verdictsOf = async (id: string): Promise<readonly (readonly string[])[]> => {
  const outcomes = await runConformance({
    adapters: [ext4],
    cases: loopCases,
    expectations,
    policy: ['as-released'],
    case: [id],
  });
  return outcomes.map(({ result }: CellOutcome) => [result.era, result.verdict]);
};

describe('an xfs in an image on a loop device over ext4', () => {
  test('a fault on that ext4 hangs over an ordinary inode of the xfs, wherever it waits with a handle', async () => {
    expect(await verdictsOf('cross/004')).toEqual(eraNames.map((era) => [era, era === 'v4.10' ? 'notrun' : 'xfail']));
  });

  test('with that fault in a scope, buffered I/O of the device is harmless in every era', async () => {
    expect(await verdictsOf('cross/005')).toEqual(eraNames.map((era) => [era, 'pass']));
  });

  test('direct I/O of the device hangs until its worker runs NOIO', async () => {
    expect(await verdictsOf('cross/006')).toEqual(
      eraNames.map((era) => [era, era.startsWith('v4') ? 'xfail' : 'pass']),
    );
  });
});

describe('the worker alone, with kswapd', () => {
  const worker = (era: EraName, directIo: boolean, changes: readonly CoreChange[] = []) =>
    explore(
      buildFaultModel({
        era,
        changes,
        filesystem: [
          { name: 'below', filesystem: ext4 },
          { name: 'image', filesystem: xfs, loop: { on: 'below', directIo } },
        ],
        tasks: [{ kind: 'truncate', fs: 'image' }, { kind: 'kswapd' }],
        victims: [{ kind: 'eofblocks', fs: 'image' }],
      }),
      { all: true },
    ).deadlocks.length > 0;

  test.each([
    ['v4.9', false, [], false],
    ['v4.9', false, ['loop-keeps-mapping-mask'], true],
    ['v4.9', false, ['loop-keeps-mapping-mask', 'loop-worker-noio'], false],
    ['v4.9', true, ['loop-keeps-mapping-mask'], true],
    ['v6.1', true, ['loop-keeps-mapping-mask'], false],
    ['v6.1', false, ['loop-keeps-mapping-mask'], false],
    ['v4.12', true, [], true],
    ['v4.12', true, ['loop-worker-noio'], false],
    ['v6.1', true, [], false],
    ['v6.1', true, ['loop-worker-unscoped'], true],
    ['v6.1', false, ['loop-worker-unscoped'], false],
    ['v6.1', false, ['loop-worker-unscoped', 'loop-keeps-mapping-mask'], true],
  ] as const)('%s, direct I/O %s, %j: deadlock %s', (era, directIo, changes, found) => {
    expect(worker(era, directIo, changes)).toBe(found);
  });
});

test.each([
  ['v4.9', true],
  ['v4.12', false],
] as const)('%s: a write fault below hangs alone with kswapd: %s', (era, found) => {
  const { deadlocks } = explore(
    buildFaultModel({
      era,
      filesystem: [
        { name: 'below', filesystem: ext4 },
        { name: 'image', filesystem: xfs, loop: { on: 'below' } },
      ],
      tasks: [{ kind: 'write-fault', fs: 'below' }, { kind: 'kswapd' }],
      victims: [{ kind: 'eofblocks', fs: 'image' }],
    }),
    { all: true },
  );
  expect(deadlocks.length > 0).toBe(found);
});

test('v4.10: no handle is open where the entry is waited for, and faults below are proved free', () => {
  const { verdict, states } = explore(
    buildFaultModel({
      era: 'v4.10',
      filesystem: [
        { name: 'below', filesystem: ext4 },
        { name: 'image', filesystem: xfs, loop: { on: 'below' } },
      ],
      tasks: [
        { kind: 'read-fault', fs: 'below' },
        { kind: 'write-fault', fs: 'below' },
        { kind: 'truncate', fs: 'below', again: true },
        { kind: 'kswapd' },
      ],
      victims: [{ kind: 'eofblocks', fs: 'image' }],
    }),
  );
  expect(verdict).toBe('proved');
  expect(states).toBeGreaterThan(10_000);
});

test('a loop device over what is not mounted is refused', () => {
  const build = () =>
    buildFaultModel({
      era: 'v6.1',
      filesystem: [{ name: 'image', filesystem: xfs, loop: { on: 'below' } }],
      tasks: [{ kind: 'truncate' }],
    });
  expect(build).toThrow(ModelError);
  expect(build).toThrow(expect.objectContaining({ code: 'MM_FILESYSTEM_UNKNOWN' }));
});

test('every twin of the loop device is caught by the rule it names', () => {
  const results = runTwins({ adapters: [ext4], cases: loopCases, era: ['v4.9', 'v6.1'], policy: ['as-released'] });
  expect(results.map(({ era, twin }) => `${era} ${twin}`)).toEqual([
    'v4.9 loop-keeps-mask',
    'v6.1 loop-unprotected',
    'v6.1 loop-unscoped',
  ]);
  expect(results.filter(({ asExpected }) => !asExpected)).toEqual([]);
});
