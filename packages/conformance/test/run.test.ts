import { describe, expect, test } from 'vitest';
import { type CaseSetting, type CellOutcome, cases, runConformance, viewWitness } from '../src/index.ts';
import { misbehaving } from './broken-adapters.ts';
import { oneCell, tiny } from './tinyfs.ts';

const broken = (what: string) => misbehaving[what]?.fs ?? expect.fail(`no sample that ${what}`);
const first = async (options: Partial<Parameters<typeof runConformance>[0]>): Promise<CellOutcome> => {
  const [outcome] = await runConformance({ adapters: [tiny], ...oneCell, case: ['dax/001'], ...options });
  return outcome ?? expect.fail('nothing was run');
};

describe('a cell', () => {
  test('says what was explored, within which bounds', async () => {
    const { result, threads } = await first({});
    expect(result).toMatchObject({ verdict: 'pass', exhausted: true, level: 'MUST', counterfactual: false });
    expect(result.bounds).toEqual({ tasks: 4, threads: 4, inodes: 2, pages: 2, truncates: 0, victims: 2 });
    expect(result.states).toBeGreaterThan(10);
    expect(threads).toEqual(['write-fault-0', 'write-fault-1', 'write-fault-2', 'kswapd0']);
  });

  test('has the states of an exploration without reductions, or fewer, and the same verdict', async () => {
    const [reduced, full] = [await first({}), await first({ reductions: false })];
    expect(full.result.verdict).toBe(reduced.result.verdict);
    expect(full.result.states).toBeGreaterThan(reduced.result.states);
  });

  test('is incomplete when the budget is spent, and says how much that was', async () => {
    const { result } = await first({ maxStates: 5 });
    expect(result).toMatchObject({
      verdict: 'incomplete',
      exhausted: false,
      reason: expect.stringContaining('5 states'),
    });
  });

  test('is incomplete when the run was interrupted in it', async () => {
    const controller = new AbortController();
    const outcomes = await runConformance({
      adapters: [tiny],
      ...oneCell,
      signal: controller.signal,
      onCell: () => controller.abort(),
    });
    expect(outcomes.length).toBe(1);
  });

  test('is not run where something is missing, with the reason', async () => {
    const outcomes = await runConformance({ adapters: [tiny], era: ['v4.9', 'v6.1'], policy: ['core'] });
    const reasons = new Map(outcomes.map(({ result }) => [`${result.era} ${result.case}`, result.reason]));
    expect(reasons.get('v4.9 dax/001')).toBe('tiny is not modelled for v4.9');
    expect(reasons.get('v6.1 dax/004')).toContain('lazytime');
    expect(reasons.get('v6.1 dax/006')).toContain('truncate');
    for (const { result } of outcomes)
      if (result.verdict === 'notrun') expect([result.states, result.reason]).toEqual([0, expect.any(String)]);
  });

  test('without DAX runs no DAX case', async () => {
    const outcomes = await runConformance({
      adapters: [{ ...tiny, supports: { ...tiny.supports, dax: false } }],
      ...oneCell,
    });
    for (const { result } of outcomes)
      expect([result.case, result.verdict]).toEqual([result.case, result.case === 'adapter/001' ? 'fail' : 'notrun']);
    expect(outcomes[0]?.result.reason).toBe('tiny has no DAX');
  });

  test('whose case has nobody in it fails; it proves nothing', async () => {
    const sample = cases[0] ?? expect.fail('there is no case');
    const empty = { ...sample, scenario: (setting: CaseSetting) => ({ ...sample.scenario(setting), tasks: [] }) };
    const { result } = await first({ cases: [empty] });
    expect(result.verdict).toBe('fail');
    expect(result.findings[0]?.claim).toContain('MM_NOTHING_TO_RUN');
  });

  test('with the automata of another is explored once, and says so', async () => {
    const outcomes = await runConformance({
      adapters: [tiny],
      era: ['v6.1'],
      policy: ['as-released', 'core'],
      case: ['dax/001'],
    });
    const [released, core] = outcomes.map(({ result }) => result);
    expect(released?.sameAs).toBeUndefined();
    expect(core?.sameAs).toBe('tiny/v6.1/as-released/dax/001');
    expect([core?.states, core?.verdict]).toEqual([released?.states, released?.verdict]);
    expect(released?.system).toBe(core?.system);
  });

  test('with other masks has other automata', async () => {
    const outcomes = await runConformance({
      adapters: [tiny],
      era: ['v6.1'],
      policy: ['as-released', 'jiang'],
      case: ['dax/001'],
    });
    expect(outcomes.map(({ result }) => result.sameAs)).toEqual([undefined, undefined]);
    const rules = outcomes.map(({ result }) => new Set(result.findings.map(({ rule }) => rule)));
    expect(rules[0]?.has('gfp/mask-juggling')).toBe(false);
    expect(rules[1]?.has('gfp/mask-juggling')).toBe(true);
    expect(outcomes[1]?.result).toMatchObject({ verdict: 'pass', counterfactual: true });
  });

  test('under --rule fails for these rules only, and for an adapter that is broken', async () => {
    const adapters = [broken('leaves a lock behind')];
    expect((await first({ adapters, rule: ['lock/leak'] })).result.verdict).toBe('fail');
    expect((await first({ adapters, rule: ['scope/balance'] })).result.verdict).toBe('pass');
    const nowhere = [{ ...tiny, mappingGfp: undefined as never }];
    expect((await first({ adapters: nowhere, rule: ['lock/leak'] })).result.verdict).toBe('fail');
  });
});

describe('a mask that is not the mapping mask', () => {
  const careful = { ...tiny, mappingGfp: { without: '__GFP_FS', at: 'tiny_setup', because: 'a test' } };
  const rulesUnder = async (policy: string): Promise<Set<string>> => {
    const eras = ['v4.9', 'v6.1'] as const;
    const kinds = Object.fromEntries(
      Object.entries(tiny.reclaim.kinds).map(([name, kind]) => [name, { ...kind, eras }]),
    );
    const old = { ...careful, supports: { ...careful.supports, eras }, reclaim: { kinds } };
    const { result } = await first({ adapters: [old], era: ['v4.9'], policy: [policy], case: ['dax/002'] });
    return new Set(result.findings.map(({ rule }) => rule));
  };
  test('is an advisory where the core adds to it', async () =>
    expect(await rulesUnder('core')).toContain('gfp/mapping-mask'));
  test('is none where it stays as it is', async () =>
    expect(await rulesUnder('chinner')).not.toContain('gfp/mapping-mask'));
});

describe('a witness, told', () => {
  test('has a column for who took part, what is still held, and where each waits', async () => {
    const { result, witness } = await first({ adapters: [broken('holds what reclaim needs')] });
    const finding = result.findings.find(({ rule }) => rule === 'engine/deadlock');
    if (witness === undefined || finding === undefined) return expect.fail('there is no deadlock');
    const view = viewWitness(witness, finding, result);
    expect(view.tasks.length).toBeGreaterThan(0);
    expect(view.tasks.length).toBeLessThanOrEqual(4);
    const waits = view.steps.filter((step) => step.waits === true);
    expect(waits.map((step) => step.text)).toContain('waits for map_lock');
    expect(view.steps.map((step) => step.text)).toContain('takes map_lock of tiny.map_lock');
    expect(waits.some((step) => step.backtrace.includes('tiny_fault_in_map_lock'))).toBe(true);
    expect(view.replay).toBe(
      `faultpath replay tiny dax/001 --era v6.1 --policy as-released --schedule ${witness.schedule}`,
    );
  });
});
