import { type CellOutcome, runConformance } from '@faultpath/conformance';
import { explore } from '@faultpath/engine';
import { ext4 } from '@faultpath/ext4';
import { buildFaultModel, type EraName, type Filesystem, type PolicyName } from '@faultpath/mm';
import { xfs } from '@faultpath/xfs';
import { describe, expect, test } from 'vitest';
import { crossCases } from '../src/cases/cross.ts';

async function run(
  fs: Filesystem,
  era: EraName,
  id: string,
  policy: PolicyName = 'as-released',
): Promise<CellOutcome['result']> {
  const [outcome] = await runConformance({
    adapters: [fs],
    cases: crossCases,
    era: [era],
    policy: [policy],
    case: [id],
  });
  return (outcome as CellOutcome).result;
}

/** Error rules that fired, each once. */
function fired({ findings }: CellOutcome['result']): readonly string[] {
  return [...new Set(findings.filter(({ level }) => level === 'error').map(({ rule }) => rule))].sort();
}

describe('a fault on one filesystem reclaims inodes of another', () => {
  test('ext4 v4.9 over a second ext4: a handle of the other journal is started inside its own', async () => {
    const result = await run(ext4, 'v4.9', 'cross/001');
    expect(result.verdict).toBe('fail');
    expect(fired(result)).toContain('engine/model-error');
    expect(result.findings.some(({ claim }) => claim.includes('another filesystem'))).toBe(true);
  });

  test.each([
    ['ext4', 'v6.1', 'cross/001'],
    ['ext4', 'v6.1', 'cross/003'],
    ['ext4', 'v4.9', 'cross/003'],
    ['xfs', 'v4.9', 'cross/002'],
    ['xfs', 'v6.1', 'cross/002'],
  ] as const)('%s %s %s: harmless', async (fs, era, id) => {
    const result = await run(fs === 'ext4' ? ext4 : xfs, era, id);
    expect([result.verdict, fired(result)]).toEqual(['pass', []]);
    expect(result.states).toBeGreaterThan(100);
  });

  test('a case that would be another one says so', async () => {
    expect((await run(ext4, 'v6.1', 'cross/002')).verdict).toBe('notrun');
    expect((await run(xfs, 'v6.1', 'cross/003')).verdict).toBe('notrun');
  });
});

describe('policies', () => {
  test('v4.9: no mask keeps a task from starting a handle inside the other journal, a scope does', async () => {
    expect(fired(await run(ext4, 'v4.9', 'cross/001', 'chinner+ext4'))).toContain('engine/model-error');
    expect((await run(ext4, 'v4.9', 'cross/001', 'scope')).verdict).toBe('pass');
  });

  test('a policy of huge faults is not run here, and says why', async () => {
    const { verdict, reason } = await run(ext4, 'v4.10', 'cross/001', 'draft-pmd');
    expect([verdict, reason === undefined]).toEqual(['notrun', false]);
  });
});

describe('both ways', () => {
  const bothWays = (era: EraName, other: Filesystem, kind: string) =>
    explore(
      buildFaultModel({
        era,
        filesystem: [
          { name: 'a', filesystem: ext4 },
          { name: 'b', filesystem: other },
        ],
        tasks: [
          { kind: 'write-fault', fs: 'a' },
          { kind: 'write-fault', fs: 'b' },
        ],
        victims: [{ kind, fs: 'b' }],
      }),
      { all: true },
    );

  test('v4.9: ext4 waits for an xfs transaction with its handle open, and that one for nobody', () => {
    expect(bothWays('v4.9', xfs, 'eofblocks').verdict).toBe('proved');
  });

  test('v4.9: an orphan of another ext4 meets the open handle, in v6.1 the handle is a scope', () => {
    expect(bothWays('v4.9', ext4, 'orphan').errors.map(({ code }) => code)).toContain('jbd2/foreign-handle');
    expect(bothWays('v6.1', ext4, 'orphan').errors).toEqual([]);
  });
});
