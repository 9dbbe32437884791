import { describe, expect, test } from 'vitest';
import {
  cycleToDot,
  makeDocument,
  plainStyle,
  ReportError,
  renderConformance,
  renderFinding,
  renderTable,
  renderWitness,
  terminalStyle,
  textWidth,
  wrap,
} from '../src/index.ts';
import { cell, deadlock, everyVerdict, hostile, hostileCells, witness } from './sample.ts';
import { terminalControls } from './well-formed.ts';

const style = (width: number, colour = false, unicode = true) => ({ width, colour, unicode });

describe('the table', () => {
  test('shows verdict and states of each cell, and what the marks mean', () => {
    const table = renderTable(makeDocument(everyVerdict, 3.21), plainStyle);
    for (const text of ['pass 12,345', 'xfail 12,345', 'notrun', 'incomplete 12,345', 'xpass 12,345']) {
      expect(table).toContain(text);
    }
    expect(table).toContain('* counterfactual');
    expect(table).toContain('= the same transition system');
    expect(table).toContain('every policy');
    expect(table).toContain('https://example.org/a?b=1&c=2');
    expect(table).toContain('needs a lazytime victim');
    expect(table).toContain('11 cells: 2 fail, 1 xpass, 1 incomplete, 1 xfail, 1 notrun, 5 pass');
    expect(renderTable(makeDocument([cell()]), plainStyle)).not.toContain('counterfactual');
  });

  test('gives a policy a row of its own where some cell tells it apart', () => {
    const policies = ['as-released', 'core', 'chinner', 'jiang', 'scope'];
    const cells = policies.map((policy) =>
      cell({
        policy,
        counterfactual: policy === 'jiang',
        states: policy === 'jiang' ? 99 : 12_345,
        ...(policy === 'core' ? { sameAs: 'x' } : {}),
      }),
    );
    const rows = renderTable(makeDocument(cells), plainStyle).split('\n');
    expect(rows.some((row) => /all others +│ pass 12,345$/.test(row))).toBe(true);
    expect(rows.some((row) => /jiang +│ pass 99\*$/.test(row))).toBe(true);
    const two = renderTable(makeDocument(cells.slice(2, 4)), plainStyle);
    expect(two).toMatch(/chinner +│ pass 12,345/);
    const shared = renderTable(makeDocument([cell({ sameAs: 'x' })]), plainStyle);
    expect(shared).toContain('pass 12,345=');
  });

  test.each([40, 60, 80, 200])('fits a terminal of %i columns', (width) => {
    const many = ['as-released', 'core', 'jiang', 'chinner', 'scope'].flatMap((policy) =>
      ['v4.9', 'v6.1'].flatMap((era) => everyVerdict.map((one) => ({ ...one, policy, era }))),
    );
    const unique = [...new Map(many.map((one) => [`${one.fs}${one.era}${one.policy}${one.case}`, one])).values()];
    const text = renderTable(makeDocument(unique), style(width));
    for (const line of text.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(width);
    expect(text).toContain('every');
  });

  test('says that nothing was run', () => {
    expect(renderTable(makeDocument([]), plainStyle)).toContain('nothing');
  });
});

describe('a witness', () => {
  test('has claim, a column per task, the cycle and the line to paste', () => {
    const text = renderWitness(witness, style(100));
    const lines = text.split('\n');
    expect(lines[0]).toBe(deadlock.claim);
    expect(lines.find((line) => line.includes('reader'))).toMatch(/reader +│ writer +│ commit/);
    expect(lines.find((line) => line.includes('starts a handle'))).toMatch(/^ 1 │ +│ starts a handle/);
    expect(text).toContain('■ waits for the commit');
    expect(text).toContain('jbd2_transaction of sb:1 (shared), held by commit');
    expect(text).toContain('mask   GFP_KERNEL_ACCOUNT|__GFP_ZERO');
    expect(text).toContain('jbd2_journal_wait_updates ← jbd2_journal_commit_transaction');
    expect(lines).toContain(`  ${witness.replay}`);
  });

  test('has no column for whoever only waits behind the ring, and names them', () => {
    const late = { task: 3, step: 14, text: 'waits for jbd2_transaction', backtrace: [], waits: true };
    const early = { task: 3, step: 4, text: 'takes s_umount', backtrace: [] };
    const text = renderWitness(
      { ...witness, tasks: [...witness.tasks, 'kswapd0'], steps: [...witness.steps, early, late] },
      style(100),
    );
    expect(text).toContain('Behind them: kswapd0 waits for jbd2_transaction');
    expect(text).not.toContain('s_umount');
    expect(renderWitness(witness, style(100))).not.toContain('Behind them');
  });

  test('is the only one told, and notes take one line', () => {
    const note = {
      ...deadlock,
      level: 'note',
      claim: 'a class cycle',
      feasibility: { verdict: 'infeasible', why: 'gate lock' },
    } as const;
    const other = { ...witness, replay: 'faultpath replay another' };
    const document = makeDocument([cell({ verdict: 'fail', findings: [deadlock, note] })]);
    const text = renderConformance(document, plainStyle, [witness, other]);
    expect(text).toContain('a class cycle (infeasible: gate lock)');
    expect(text.split(deadlock.claim)).toHaveLength(2);
    expect(text).not.toContain('replay another');
  });

  test('becomes a list where columns would be too narrow', () => {
    const text = renderWitness(witness, style(50));
    expect(text).toContain(' 1 writer: starts a handle');
    for (const line of text.split('\n').filter((other) => !other.includes('faultpath replay')))
      expect(textWidth(line)).toBeLessThanOrEqual(50);
  });

  test('draws with ASCII where the terminal has no more', () => {
    expect([...renderWitness(witness, style(100, false, false))].filter((char) => char > '~')).toEqual([]);
  });
});

describe('a finding', () => {
  test('without an explanation is a defect of its rule', () => {
    expect(() => renderFinding({ ...deadlock, because: [] }, plainStyle)).toThrow(ReportError);
    expect(renderFinding(deadlock, plainStyle)).toContain('because reader: the page-table page');
  });

  test('names no holder where none of the waiting tasks has what is waited for', () => {
    const [reader, commit] = deadlock.cycle ?? [];
    const lost = {
      ...deadlock,
      cycle: [reader, commit].flatMap((member) => (member === undefined ? [] : [{ ...member, holds: [] }])),
    };
    const text = renderFinding(lost, plainStyle);
    expect(text).toContain('held by none of them');
    expect(text).not.toContain('each of them waits for the next');
    expect(cycleToDot(lost.cycle)).not.toContain('->');
    expect(renderFinding(deadlock, plainStyle)).toContain('each of them waits for the next');
  });

  test('tells where, how far it was followed, and which page explains the rule', () => {
    const text = renderFinding(
      {
        ...deadlock,
        where: { file: 'a.txt', line: 3, timestamp: '1.25', cpu: 1 },
        feasibility: { verdict: 'infeasible', why: 'gate lock' },
      },
      plainStyle,
    );
    expect(text).toContain('a.txt:3 [1.25] cpu 1');
    expect(text).toContain('infeasible: gate lock');
    expect(text).toContain('docs/rules/engine-deadlock.md');
  });
});

describe('the terminal', () => {
  const utf8 = { LANG: 'en_GB.UTF-8', TERM: 'xterm' };

  test('gets colours only when it is one, and not with NO_COLOR or TERM=dumb', () => {
    expect(terminalStyle({ isTTY: true, columns: 90 }, utf8)).toEqual({ width: 90, colour: true, unicode: true });
    expect(terminalStyle({ isTTY: false }, utf8).colour).toBe(false);
    expect(terminalStyle({ isTTY: true }, { ...utf8, NO_COLOR: '1' }).colour).toBe(false);
    expect(terminalStyle({ isTTY: true }, { ...utf8, NO_COLOR: '' }).colour).toBe(true);
    expect(terminalStyle({ isTTY: true }, { ...utf8, TERM: 'dumb' }).colour).toBe(false);
    expect(terminalStyle({ isTTY: true }, { LANG: 'C' }).unicode).toBe(false);
  });

  test('is not steered by hostile text, and only our own colours reach it', () => {
    const document = makeDocument(hostileCells());
    const told = [
      {
        ...witness,
        tasks: [hostile, hostile, hostile],
        replay: hostile,
        steps: [{ task: 0, step: 0, text: hostile, backtrace: [], note: hostile }],
      },
    ];
    expect(terminalControls(renderConformance(document, style(80), told))).toEqual([]);
    const own = new RegExp(`${String.fromCharCode(27)}\\[(?:1|2|22|31|32|33|35|36|39)m`, 'g');
    expect(terminalControls(renderConformance(document, style(80, true), told).replace(own, ''))).toEqual([]);
  });
});

test('wrapping loses no text and cuts what has no spaces', () => {
  expect(wrap('aaaa bbbb cccc', 9)).toEqual(['aaaa bbbb', 'cccc']);
  expect(wrap('x'.repeat(25), 10)).toEqual(['x'.repeat(10), 'x'.repeat(10), 'x'.repeat(5)]);
  expect(wrap('', 10)).toEqual(['']);
  expect(textWidth('日本')).toBe(4);
});

describe('a cycle that a recording shows', () => {
  const side = (task: string, holds: string, wants: string, line: number, cpu: number) => ({
    task,
    holds: [{ lock: holds, instance: `0x${holds}`, mode: 'exclusive' as const, where: { line, cpu } }],
    wants: { lock: wants, instance: `0x${wants}`, mode: 'exclusive' as const },
    where: { line: line + 1, cpu },
    backtrace: [],
  });
  const told = (other: string): string =>
    renderFinding(
      { ...deadlock, cycle: [side('a-1', 'A', 'B', 10, 0), side(other, 'B', 'A', 20, 1)] },
      { ...plainStyle, width: 200 },
    );

  test('names of each side the task, and the line and CPU where it took the one and asked for the other', () => {
    const text = told('b-2');
    expect(text).toMatch(
      /a-1 +holds +A of 0xA, taken line 10 cpu 0\n +wants +B of 0xB, held by b-2\n +place +line 11 cpu 0/,
    );
    expect(text).toMatch(
      /b-2 +holds +B of 0xB, taken line 20 cpu 1\n +wants +A of 0xA, held by a-1\n +place +line 21 cpu 1/,
    );
    expect(text).toContain('because b-2 holds it');
  });

  test('never says that a task waits for itself where it did both at different times', () => {
    const text = told('a-1');
    expect(text).toContain('held by another such task');
    expect(text).not.toContain('because a-1 holds it');
    expect(text).toContain('line 11 cpu 0');
    expect(text).toContain('line 21 cpu 1');
  });
});
