import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { conformanceSchema, firstMismatch } from '@faultpath/report';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tryLoading } from '../src/try-loading.ts';
import { errorCode, type Outcome, run } from './io.ts';

const lazytime = ['conformance', '--fs', 'ext4', '--era', 'v6.1', '--policy', 'as-released', '--case', 'dax/004'];

let folder = '';
let told: Outcome;
let document: { results: { verdict: string; findings: { rule: string; schedule?: string }[] }[] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultpath-conformance-'));
  told = await run([...lazytime, '--no-expectations', '--out', 'out.json'], { cwd: folder });
  document = JSON.parse((await run(['merge', 'out.json', '--json'], { cwd: folder })).stdout);
});

afterAll(() => rm(folder, { recursive: true }));

function schedule(): string {
  const finding = document.results[0]?.findings.find((each) => each.rule === 'engine/deadlock');
  return finding?.schedule ?? expect.fail('no deadlock was found');
}

describe('conformance', () => {
  test('finds the lazytime deadlock of ext4 and tells it with a line to paste', () => {
    expect([told.code, told.stderr]).toEqual([1, '']);
    expect(told.stdout).toMatch(/dax\/004 +│ fail [\d,]+/);
    expect(told.stdout).toContain(
      `faultpath replay ext4 dax/004 --era v6.1 --policy as-released --schedule ${schedule()}`,
    );
    for (const name of [
      'pte_alloc_one',
      'wait_transaction_locked',
      'jbd2_journal_wait_updates',
      'get_unlocked_entry',
    ]) {
      expect(told.stdout).toContain(name);
    }
  });

  test('makes documents that fit the published schema', () => {
    expect(firstMismatch(document, conformanceSchema)).toBeUndefined();
  });

  test('an expectations file turns the known failure into an expected one', async () => {
    const known = {
      case: 'dax/004',
      rules: ['engine/deadlock', 'gfp/fs-recursion', 'lockdep/circular'],
      reason: 'known',
      link: 'docs',
    };
    const file = { schema: 'faultpath/expectations/1', expect: [known] };
    await writeFile(join(folder, 'known.json'), JSON.stringify(file));
    const outcome = await run([...lazytime, '--expectations', 'known.json', '--json'], { cwd: folder });
    expect(JSON.parse(outcome.stdout).summary).toMatchObject({ xfail: 1, fail: 0 });
    expect(outcome.code).toBe(0);
    await writeFile(join(folder, 'broken.json'), '{');
    expect(errorCode(await run([...lazytime, '--expectations', 'broken.json'], { cwd: folder }))).toBe(
      'CONFORMANCE_EXPECTATIONS',
    );
  });

  test('a spent budget is incomplete, never a pass', async () => {
    const outcome = await run([
      'conformance',
      '--fs',
      'ext4',
      '--era',
      'v6.1',
      '--policy',
      'as-released',
      '--case',
      'dax/005',
      '--max-states',
      '100',
      '--json',
    ]);
    expect(outcome.code).toBe(2);
    expect(JSON.parse(outcome.stdout).summary).toMatchObject({ incomplete: 1, pass: 0 });
  });

  test('an interrupted run ends with 2 and says how far it came', async () => {
    const controller = new AbortController();
    controller.abort();
    const outcome = await run(lazytime, { signal: controller.signal });
    expect(outcome.code).toBe(2);
  });

  test.each([
    ['an unknown filesystem', ['--fs', 'ext5'], 'CONFORMANCE_UNKNOWN_VALUE'],
    ['an unknown case', ['--case', 'dax/999'], 'CONFORMANCE_UNKNOWN_VALUE'],
    ['a shard that is none', ['--shard', '4/3'], 'CLI_BAD_VALUE'],
    ['an empty value in a list', ['--era', 'v6.1,,v4.9'], 'CLI_BAD_VALUE'],
    ['a count that is none', ['--max-states', 'many'], 'CLI_BAD_VALUE'],
    ['an update of no file', ['--update-expectations'], 'CLI_BAD_VALUE'],
    ['expectations and none', ['--expectations', 'x', '--no-expectations'], 'CLI_BAD_VALUE'],
    ['an adapter that is not there', ['--adapter', './none.js'], 'CLI_BAD_ADAPTER'],
  ])('%s is refused', async (_what, argv, code) => {
    const outcome = await run(['conformance', ...argv]);
    expect([outcome.code, errorCode(outcome), outcome.stdout]).toEqual([2, code, '']);
  });

  test('a module that is no adapter is refused by name, whatever is wrong with it', async () => {
    for (const [name, text] of [
      ['empty.mjs', 'export const x = 1;'],
      ['throws.mjs', 'throw new Error("boom");'],
      ['syntax.mjs', 'export const = 1;'],
      ['exits.mjs', 'process.exit(0);'],
      ['waits.mjs', 'await new Promise(() => {});'],
    ] as const) {
      await writeFile(join(folder, name), text);
      const outcome = await run(['conformance', '--adapter', `./${name}`], { cwd: folder });
      expect([outcome.code, errorCode(outcome)]).toEqual([2, 'CLI_BAD_ADAPTER']);
    }
  });
});

test('a module that ends the process, fails unseen or never comes back is refused beside others, too', async () => {
  await writeFile(join(folder, 'exits.mjs'), 'process.exit(0);');
  await writeFile(join(folder, 'loops.mjs'), 'for (;;);');
  await writeFile(
    join(folder, 'other.mjs'),
    `export const other = { name: 'other', interfaceVersion: 1, vm_ops: {} };`,
  );
  const outcome = await run(['conformance', '--adapter', './exits.mjs,./other.mjs'], { cwd: folder });
  expect([outcome.code, errorCode(outcome)]).toEqual([2, 'CLI_BAD_ADAPTER']);
  await writeFile(join(folder, 'rejects.mjs'), `Promise.reject(new Error('nobody waits'));`);
  const rejects = await run(['conformance', '--adapter', './rejects.mjs,./other.mjs'], { cwd: folder });
  expect([rejects.code, errorCode(rejects)]).toEqual([2, 'CLI_BAD_ADAPTER']);
  const url = (name: string): string => pathToFileURL(join(folder, name)).href;
  await expect(tryLoading('loops.mjs', url('loops.mjs'), 300)).rejects.toMatchObject({ code: 'CLI_BAD_ADAPTER' });
  await expect(tryLoading('other.mjs', url('other.mjs'))).resolves.toBeUndefined();
});

const oneCell = ['--era', 'v6.1', '--policy', 'as-released', '--case', 'dax/001', '--json'];

/** Runs one cell of an adapter and of another that lacks its fields: the exit code, and each one's own code. */
async function besideOther(adapter: string) {
  await writeFile(
    join(folder, 'other.mjs'),
    `export const other = { name: 'other', interfaceVersion: 1, vm_ops: {} };`,
  );
  const { code, stdout } = await run(['conformance', '--adapter', `${adapter},./other.mjs`, ...oneCell], {
    cwd: folder,
  });
  const { results } = JSON.parse(stdout) as { results: { fs: string; findings: { claim: string }[] }[] };
  const codes = results.map(({ fs, findings }) => [fs, /[A-Z]+_[A-Z_]+/.exec(findings[0]?.claim ?? '')?.[0]]);
  return { code, codes };
}

test('an adapter whose declaration is refused fails in its own cells beside others, and alone is refused', async () => {
  const refused = `throw Object.assign(new Error('FS_LOCK_UNKNOWN: lockOrder[0][0]: x'), { code: 'FS_LOCK_UNKNOWN' });`;
  await writeFile(join(folder, 'mine.mjs'), refused);
  const beside = await besideOther('./mine.mjs');
  expect(beside.code).toBe(1);
  expect(beside.codes).toEqual([
    ['mine', 'FS_LOCK_UNKNOWN'],
    ['other', 'FS_FIELD_MISSING'],
  ]);
  const alone = await run(['conformance', '--adapter', './mine.mjs', ...oneCell], { cwd: folder });
  expect([alone.code, errorCode(alone)]).toEqual([2, 'FS_LOCK_UNKNOWN']);
});

test('a module that throws while it is loaded fails in its own cells beside others; one that is not there ends the run', async () => {
  await writeFile(join(folder, 'boom.mjs'), `throw new Error('boom');`);
  expect((await besideOther('./boom.mjs')).codes).toEqual([
    ['boom', 'CONFORMANCE_ADAPTER_FAILED'],
    ['other', 'FS_FIELD_MISSING'],
  ]);
  const missing = await run(['conformance', '--adapter', './other.mjs,no-such-package', ...oneCell], { cwd: folder });
  expect([missing.code, errorCode(missing)]).toEqual([2, 'CLI_BAD_ADAPTER']);
  const listed = await run(['list', 'filesystems', '--adapter', './boom.mjs,./other.mjs'], { cwd: folder });
  expect([listed.code, listed.stderr]).toEqual([0, '']);
  expect(listed.stdout).toContain('FS_FIELD_MISSING');
});

test('expectations are brought up to date in their file', async () => {
  const path = join(folder, 'known.json');
  await writeFile(path, JSON.stringify({ schema: 'faultpath/expectations/1', expect: [] }));
  const argv = ['conformance', '--fs', 'ext4', '--era', 'v6.1', '--policy', 'as-released', '--case', 'dax/004'];
  const outcome = await run([...argv, '--expectations', 'known.json', '--update-expectations'], { cwd: folder });
  expect([outcome.code, outcome.stderr]).toEqual([1, expect.stringContaining('1 added, 0 removed')]);
  const file = JSON.parse(await readFile(path, 'utf8'));
  expect(file.expect).toMatchObject([{ case: 'dax/004', fs: ['ext4'], era: ['v6.1'], reason: '' }]);
  Object.assign(file.expect[0], { reason: 'known', link: 'https://example.org' });
  await writeFile(path, JSON.stringify(file));
  expect((await run([...argv, '--expectations', 'known.json'], { cwd: folder })).code).toBe(0);
});

describe('conformance --twins', () => {
  const some = ['conformance', '--twins', '--fs', 'ext2', '--era', 'v6.1', '--policy', 'as-released'];

  test('says which rule catches which change', async () => {
    const outcome = await run([...some, '--case', 'dax/001', '--json']);
    const { twins, summary } = JSON.parse(outcome.stdout);
    expect(twins.length).toBeGreaterThan(3);
    for (const twin of twins) expect(twin).toMatchObject({ asExpected: true });
    expect([outcome.code, summary.survived]).toEqual([0, 0]);
  });

  test('where there are none is no success', async () => {
    expect((await run([...some, '--case', 'dax/008'])).code).toBe(2);
  });
});

describe('replay', () => {
  const replay = ['replay', 'ext4', 'dax/004', '--era', 'v6.1', '--policy', 'as-released'];

  test('ends where the finding ends: nobody can go on', async () => {
    const outcome = await run([...replay, '--schedule', schedule(), '--json']);
    const shown = JSON.parse(outcome.stdout);
    expect([outcome.code, shown.deadlocked]).toBeTruthy();
    expect(outcome.code).toBe(1);
    const waiting = shown.threads.filter((thread: { wants?: string }) => thread.wants !== undefined);
    expect(waiting.length).toBeGreaterThanOrEqual(3);
    expect((await run([...replay, '--schedule', schedule()])).stdout).toContain('a deadlock');
  });

  test('stops where it is told to', async () => {
    const outcome = await run([...replay, '--schedule', schedule(), '--step', '2', '--json']);
    expect([outcome.code, JSON.parse(outcome.stdout).steps.length]).toEqual([0, 2]);
  });

  test.each([
    ['a schedule that does not fit', ['--schedule', 'v1:99'], 'ENGINE_SCHEDULE'],
    ['a schedule that is none', ['--schedule', 'x'], 'ENGINE_SCHEDULE'],
    ['no schedule', [], 'CLI_MISSING_ARGUMENT'],
    ['a step after the last', ['--schedule', 'v1:0.0', '--step', '3'], 'ENGINE_SCHEDULE'],
    ['a step before the first', ['--schedule', 'v1:0.0', '--step', '-1'], 'CLI_BAD_VALUE'],
    ['a step that is no number', ['--schedule', 'v1:0.0', '--step', 'two'], 'CLI_BAD_VALUE'],
    ['a walk as JSON', ['--schedule', 'v1:0.0', '--walk', '--json'], 'CLI_BAD_VALUE'],
    ['a walk from a step after the last', ['--schedule', 'v1:0.0', '--step', '3', '--walk'], 'ENGINE_SCHEDULE'],
  ])('%s is refused', async (_what, argv, code) => {
    const outcome = await run([...replay, ...argv]);
    expect([outcome.code, errorCode(outcome)]).toEqual([2, code]);
  });

  test('walks forth and back, and shows at each place what --step shows there', async () => {
    const walked = await run([...replay, '--schedule', schedule(), '--walk'], { stdin: 'n\n\nb\n-1\n5\nB\nq\nn\n' });
    expect([...walked.stdout.matchAll(/^After (\d+) of/gm)].map(([, at]) => at)).toEqual([
      '0',
      '1',
      '2',
      '1',
      '5',
      '4',
    ]);
    const shown = async (step: string): Promise<string> =>
      /^After[\s\S]*?(?=\n\n)/m.exec((await run([...replay, '--schedule', schedule(), '--step', step])).stdout)?.[0] ??
      expect.fail('no state is shown');
    for (const step of ['0', '1', '5']) expect(walked.stdout).toContain(await shown(step));
    // The schedule's end decides, wherever the walk was left.
    expect(walked.code).toBe(1);
  });

  test('a walk ends at both ends, and with its input', async () => {
    const { stdout } = await run([...replay, '--schedule', schedule(), '--step', '1', '--walk'], {
      stdin: 'b\nb\n99\n',
    });
    expect([...stdout.matchAll(/^After (\d+) of/gm)].map(([, at]) => at)).toEqual(['1', '0']);
  });

  test('unknown names are refused with the known ones', async () => {
    for (const argv of [
      ['ext5', 'dax/004', '--era', 'v6.1'],
      ['ext4', 'dax/999', '--era', 'v6.1'],
      ['ext4', 'dax/004', '--era', 'v9.9'],
      ['ext4', 'dax/004', '--era', 'v6.1', '--policy', 'x'],
    ]) {
      expect(errorCode(await run(['replay', ...argv, '--schedule', 'v1:0']))).toBe('CLI_BAD_VALUE');
    }
  });
});

describe('list', () => {
  test('names what the other commands accept', async () => {
    const { stdout } = await run(['list', '--json']);
    const names = JSON.parse(stdout);
    expect(names.cases.map((each: { name: string }) => each.name)).toContain('dax/004');
    expect(names.eras.map((each: { name: string }) => each.name)).toContain('v6.1');
    expect(Object.keys(JSON.parse((await run(['list', 'rules', '--json'])).stdout))).toEqual(['schema', 'rules']);
    expect((await run(['list', 'cases'])).stdout).toContain('dax/004');
    expect(errorCode(await run(['list', 'case']))).toBe('CLI_BAD_VALUE');
  });
});
