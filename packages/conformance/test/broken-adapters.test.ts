import type { Filesystem } from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { adaptersIn, cases, compileCell, replay, ruleIds, runConformance, runMutants, runTwins } from '../src/index.ts';
import { registerSuite } from '../src/suite.ts';
import { misbehaving, unexplorable } from './broken-adapters.ts';
import { hanging } from './hanging.ts';
import { oneCell, tiny } from './tinyfs.ts';

const good = { ...tiny, name: 'good' };

async function findingsOf(fs: Filesystem): Promise<string[]> {
  const outcomes = await runConformance({
    adapters: [fs, good],
    ...oneCell,
    case: ['adapter/001', 'dax/001', 'dax/002', 'dax/003', 'dax/007'],
  });
  const mine = outcomes.filter(({ result }) => result.fs === fs.name);
  const others = outcomes.filter(({ result }) => result.fs === 'good');
  expect(mine.length).toBe(others.length);
  for (const { result } of others) expect(result.verdict).toBe('pass');
  expect(mine.some(({ result }) => result.verdict === 'fail')).toBe(true);
  return mine.flatMap(({ result }) => result.findings.map(({ rule, claim }) => `${rule}: ${claim}`));
}

test('the sample that is broken here passes when it is whole', async () => {
  const outcomes = await runConformance({ adapters: [tiny], ...oneCell });
  const told = Object.fromEntries(outcomes.map(({ result }) => [result.case, result.verdict]));
  expect(told).toMatchObject({ 'dax/001': 'pass', 'dax/002': 'pass', 'dax/003': 'pass', 'dax/007': 'pass' });
  expect(told).toMatchObject({ 'dax/004': 'notrun', 'dax/006': 'notrun', 'dax/008': 'notrun' });
});

describe('an adapter that misbehaves is told so by a rule', () => {
  test.each(Object.entries(misbehaving))('one that %s', async (_what, { fs, rule }) => {
    expect(ruleIds).toContain(rule);
    expect((await findingsOf(fs)).map((each) => each.split(':')[0])).toContain(rule);
  });
});

describe('an adapter that cannot be explored fails with a code, and nobody else does', () => {
  test.each(Object.entries(unexplorable))('%s', async (_what, { fs, code }) => {
    const findings = await findingsOf(fs as Filesystem);
    expect(findings.length).toBeGreaterThan(0);
    for (const each of findings) {
      expect(each).toMatch(/^adapter\/error: /);
      expect(each).toContain(`${code}: `);
    }
  });
});

describe('an adapter whose name cannot be read', () => {
  const trap = (): never => {
    throw new Error('trap');
  };
  test.each<[string, unknown, string]>([
    ['is no text', { ...tiny, name: 5 }, 'FS_NAME'],
    ['is not there', { ...tiny, name: undefined }, 'FS_NAME'],
    ['throws', Object.defineProperty({ ...tiny }, 'name', { get: trap }), 'CONFORMANCE_ADAPTER_FAILED'],
    ['is asked of a proxy that throws', new Proxy({ ...tiny }, { get: trap, has: trap }), 'CONFORMANCE_ADAPTER_FAILED'],
  ])('%s: fails under another, and nobody else does', async (_what, fs, code) => {
    const found = adaptersIn({ fs, good });
    expect(found.map(({ name }) => name)).toEqual(['unnamed', 'good']);
    for (const adapters of [found, [fs as Filesystem, good]]) {
      const outcomes = await runConformance({ adapters, ...oneCell, case: ['dax/003'] });
      expect(outcomes.map(({ result }) => [result.fs, result.verdict])).toEqual([
        ['unnamed', 'fail'],
        ['good', 'pass'],
      ]);
      expect(outcomes[0]?.result.findings[0]?.claim).toContain(`${code}: `);
    }
  });
});

describe('an adapter that cannot be explored ends whatever needs its model by code', () => {
  test.each(Object.entries(unexplorable))('%s', (_what, { fs, code }) => {
    const subject = cases.find(({ id }) => id === 'dax/001') ?? expect.fail('dax/001 is gone');
    const setting = { fs: fs as Filesystem, era: 'v6.1', policy: 'as-released' } as const;
    expect(() => replay(subject, setting, 'v1:0')).toThrowError(expect.objectContaining({ code }));
    expect(() => runTwins({ adapters: [fs as Filesystem], ...oneCell, case: ['dax/001'] })).toThrowError(
      expect.objectContaining({ code }),
    );
  });
});

describe('a handler that never comes back, and never yields', () => {
  const forEver = (): never => {
    for (;;);
  };
  const inMount: Filesystem = { ...tiny, name: 'mounting', mount: forEver };

  test.each<Filesystem>([hanging, inMount])('is ended, and its adapter is not tried again ($name)', async (fs) => {
    const outcomes = await runConformance({
      adapters: [fs, good],
      ...oneCell,
      case: ['dax/001', 'dax/002'],
      patience: 2000,
    });
    const told = outcomes.map(({ result }) => [result.fs, result.verdict, result.findings[0]?.claim]);
    const code = expect.stringContaining('CONFORMANCE_ADAPTER_HANGS: ');
    expect(told.slice(0, 2)).toEqual([
      [fs.name, 'fail', code],
      [fs.name, 'fail', expect.stringContaining(`not tried: it did not come back from ${fs.name}/`)],
    ]);
    expect(told.slice(2)).toEqual([
      ['good', 'pass', undefined],
      ['good', 'pass', undefined],
    ]);
  });

  test('ends a replay, an export, twins and mutants with its code, too', () => {
    const subject = cases.find(({ id }) => id === 'dax/001') ?? expect.fail('dax/001 is gone');
    const stuck = (): Filesystem => ({ ...hanging });
    const setting = (fs: Filesystem) => ({ fs, era: 'v6.1', policy: 'as-released' }) as const;
    const few = () => ({ adapters: [stuck()], ...oneCell, case: ['dax/001', 'dax/002'], patience: 500 });
    for (const body of [
      () => compileCell(subject, setting(stuck()), 500),
      () => replay(subject, setting(stuck()), 'v1:0', undefined, 500),
      () => runTwins(few()),
      () => runMutants(few()),
    ]) {
      expect(body).toThrowError(expect.objectContaining({ code: 'CONFORMANCE_ADAPTER_HANGS' }));
    }
  });

  test('is told to a test runner as the failure of its tests', async () => {
    const failures: unknown[] = [];
    const bodies: (() => Promise<void>)[] = [];
    const runner = {
      describe: (_: string, body: () => void) => body(),
      test: (_: string, body: () => Promise<void>) => void bodies.push(body),
    };
    registerSuite({ ...hanging, name: 'stuck' }, { case: ['dax/001', 'dax/002'], patience: 2000 }, cases, runner);
    for (const body of bodies) await body().catch((error: unknown) => failures.push(error));
    expect(failures).toHaveLength(2);
    for (const failure of failures) expect(String(failure)).toContain('CONFORMANCE_ADAPTER_HANGS');
  });
});
