import { type CellOutcome, runConformance } from '@faultpath/conformance';
import { adapters, expectations } from '@faultpath/integration';
import { beforeAll, describe, expect, test } from 'vitest';

const cases = ['dax/001', 'dax/003', 'dax/004', 'dax/005', 'dax/006', 'dax/008'];
let outcomes: readonly CellOutcome[] = [];

function cell(fs: string, era: string, id: string): CellOutcome {
  const found = outcomes.find(({ result }) => result.fs === fs && result.era === era && result.case === id);
  if (found === undefined) throw new Error(`${fs} ${era} ${id} was not run`);
  return found;
}

beforeAll(async () => {
  const selection = { era: ['v4.9', 'v4.10', 'v6.1'], policy: ['as-released'], case: cases };
  outcomes = await runConformance({ adapters, expectations, ...selection });
});

describe('the bundled filesystems, as released', () => {
  test('nothing fails that is not expected to, and nothing passes that is expected to fail', () => {
    expect(outcomes.length).toBe(adapters.length * 3 * cases.length);
    const wrong = outcomes.filter(({ result }) => ['fail', 'xpass', 'incomplete'].includes(result.verdict));
    expect(wrong.map(({ result }) => `${result.fs} ${result.era} ${result.case} ${result.verdict}`)).toEqual([]);
  });

  test('every expectation says why and where', () => {
    for (const { result } of outcomes.filter((outcome) => outcome.result.verdict === 'xfail')) {
      expect(result.reason).toBeTruthy();
      expect(result.link).toMatch(/^docs\/findings\/.+\.md$/);
    }
  });
});

describe('ext4, a read fault and a write fault on one page', () => {
  test('v6.1 with lazytime inodes in reclaim: reader, commit and writer wait for each other', () => {
    const { result } = cell('ext4', 'v6.1', 'dax/004');
    expect(result.verdict).toBe('xfail');
    const deadlock = result.findings.find((finding) => finding.rule === 'engine/deadlock');
    const waits = Object.fromEntries((deadlock?.cycle ?? []).map((member) => [member.task, member.wants.lock]));
    expect(waits).toEqual({
      'read-fault-0': 'jbd2_transaction',
      'jbd2/ext4': 'jbd2_handle',
      'write-fault-1': 'dax_entry',
    });
    const reader = deadlock?.cycle?.find((member) => member.task === 'read-fault-0');
    expect(reader?.mask).toBe('GFP_KERNEL_ACCOUNT|__GFP_ZERO');
    expect(reader?.holds.map((hold) => hold.lock)).toContain('dax_entry');
    expect(reader?.backtrace).toEqual(
      expect.arrayContaining(['iput', 'super_cache_scan', 'pte_alloc_one', 'insert_pfn', 'dax_iomap_pte_fault']),
    );
  });

  test('the same shape is found by the class graph, and named', () => {
    const { result } = cell('ext4', 'v6.1', 'dax/004');
    const recursion = result.findings.filter(
      (finding) => finding.rule === 'gfp/fs-recursion' && finding.level === 'error',
    );
    expect(recursion).not.toEqual([]);
    expect(recursion[0]?.claim).toMatch(/pte_alloc_one under dax_entry.+with jbd2_handle open/);
  });

  test('twin: without lazytime inodes there is none within the bounds', () => {
    const { result } = cell('ext4', 'v6.1', 'dax/003');
    expect(result.verdict).toBe('pass');
    expect(result.exhausted).toBe(true);
  });

  test('twin: with a NOFS scope around the read fault there is none', () => {
    const { result } = cell('ext4', 'v6.1', 'dax/005');
    expect(result.verdict).toBe('pass');
    expect(result.exhausted).toBe(true);
  });

  test('v4.10 closes its handle before the entry is locked, and has none', () => {
    expect(cell('ext4', 'v4.10', 'dax/004').result.verdict).toBe('pass');
  });
});

describe('ext4, write faults', () => {
  test('v4.9: an open handle is no scope, and the task waits for its own commit', () => {
    const { result } = cell('ext4', 'v4.9', 'dax/001');
    expect(result.verdict).toBe('xfail');
    const claims = result.findings
      .filter((finding) => finding.rule === 'gfp/fs-recursion')
      .map((finding) => finding.claim);
    expect(claims.some((claim) => claim.includes('under jbd2_handle'))).toBe(true);
  });

  test('twin: v6.1 proves that there is none', () => {
    const { result } = cell('ext4', 'v6.1', 'dax/001');
    expect(result.verdict).toBe('pass');
    expect(result.exhausted).toBe(true);
  });

  test('v4.9 with the policy scope: cured', async () => {
    const [outcome] = await runConformance({
      adapters,
      fs: ['ext4'],
      era: ['v4.9'],
      policy: ['scope'],
      case: ['dax/001'],
    });
    expect(outcome?.result.verdict).toBe('pass');
    expect(outcome?.result.counterfactual).toBe(true);
  });

  test.each(['core', 'jiang', 'chinner', 'chinner+ext4'])('v4.9 with the policy %s: not cured', async (policy) => {
    const [outcome] = await runConformance({
      adapters,
      fs: ['ext4'],
      era: ['v4.9'],
      policy: [policy],
      case: ['dax/001'],
    });
    expect(outcome?.result.verdict).toBe('fail');
  });
});
