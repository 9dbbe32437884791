import { join } from 'node:path';
import { defineFilesystem, type Filesystem } from '@faultpath/mm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundled, bundled } from '../../../tools/vitest/bundled.ts';
import { runConformance } from '../src/index.ts';
import { oneCell, tiny } from './tinyfs.ts';

/** Adapters that brought their own copies of the packages along. */
let foreign: typeof import('./foreign-adapters.ts');
let bundle: Bundled;

beforeAll(async () => {
  bundle = await bundled('copies', { foreign: new URL('foreign-adapters.ts', import.meta.url) });
  foreign = await import(bundle.url('foreign'));
}, 120_000);

afterAll(() => bundle.remove());

async function claimOf(fs: Filesystem): Promise<string | undefined> {
  const good = { ...tiny, name: 'good' };
  const outcomes = await runConformance({ adapters: [fs, good], ...oneCell, case: ['dax/001'] });
  const [mine, others] = outcomes.map(({ result }) => result);
  expect(others?.verdict).toBe('pass');
  expect(mine?.verdict).toBe(mine?.findings.length === 0 ? 'pass' : 'fail');
  return mine?.findings[0]?.claim;
}

describe('an adapter with a second copy', () => {
  test('of the core is told which package, and where the two lie', async () => {
    const claim = await claimOf(foreign.defined);
    expect(claim).toContain('CONFORMANCE_TWO_COPIES: @faultpath/mm: ');
    expect(claim).toContain(join(bundle.folder, 'foreign.js'));
    expect(claim).toContain('npm ls @faultpath/mm');
  });

  test('of the engine is told so, also where it was never defined', async () => {
    expect(await claimOf(foreign.handWritten)).toContain('CONFORMANCE_TWO_COPIES: @faultpath/engine: ');
  });

  test('of another major is told of the version first: that is why there are two', async () => {
    expect(await claimOf(foreign.nextMajor as unknown as Filesystem)).toContain('FS_INTERFACE_VERSION: ');
  });
});

test('an adapter of the same copies is not told of two', async () => {
  expect(await claimOf(defineFilesystem({ ...tiny, name: 'defined' }))).toBeUndefined();
});

test('a handler that is a bare function is no second engine', async () => {
  const bare = { ...tiny, vm_ops: { fault: (_env: unknown, vmf: { slot: object }) => vmf.slot } };
  expect(await claimOf(bare as unknown as Filesystem)).toContain('FS_FIELD_TYPE: ');
});
