import { describe, expect, test } from 'vitest';
import {
  cycleToDot,
  cycleToMermaid,
  makeDocument,
  toBadge,
  toGitHub,
  toHtml,
  toJUnit,
  toSarif,
  toTap,
} from '../src/index.ts';
import { cell, deadlock, everyVerdict, hostile, hostileCells, witness } from './sample.ts';
import { dotStrings, terminalControls, xmlElements } from './well-formed.ts';

const all = makeDocument(everyVerdict, 1.25);
const bad = makeDocument(hostileCells());
const empty = makeDocument([]);

describe('JUnit', () => {
  test('has a suite per filesystem, release and policy, and counts that agree with the elements', () => {
    const names = xmlElements(toJUnit(all));
    const count = (name: string): number => names.filter((other) => other === name).length;
    expect(names[0]).toBe('testsuites');
    expect([count('testsuite'), count('testcase')]).toEqual([5, 11]);
    expect([count('failure'), count('error'), count('skipped')]).toEqual([2, 1, 3]);
    expect(toJUnit(all)).toContain('<testsuites name="faultpath" tests="11" failures="2" errors="1" time="1.250">');
  });

  test('stays well-formed with hostile text and without a cell', () => {
    expect(xmlElements(toJUnit(bad))).not.toContain('script');
    expect(terminalControls(toJUnit(bad))).toEqual([]);
    expect(xmlElements(toJUnit(empty))).toEqual(['testsuites']);
  });
});

describe('TAP', () => {
  const points = (tap: string): string[] => tap.split('\n').filter((line) => /^(not )?ok /.test(line));

  test('has one point a cell, numbered, and marks what is expected', () => {
    const lines = points(toTap(all));
    expect(toTap(all).startsWith('TAP version 14\n1..11\n')).toBe(true);
    expect(lines.map((line) => Number(/ok (\d+)/.exec(line)?.[1]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(lines.filter((line) => line.startsWith('not ok') && !line.includes('# TODO'))).toHaveLength(3);
    expect(lines.filter((line) => line.includes('# TODO'))).toHaveLength(2);
    expect(lines.filter((line) => line.includes('# SKIP'))).toHaveLength(1);
  });

  test('lets no text become a directive, a point or the end of a diagnostic', () => {
    const tap = toTap(bad);
    expect(points(tap)).toHaveLength(6);
    expect(points(tap).filter((line) => /(?<!\\)#/.test(line))).toHaveLength(2);
    expect(tap.split('\n').filter((line) => line === '  ---')).toHaveLength(3);
    expect(tap.split('\n').filter((line) => line === '  ...')).toHaveLength(3);
    expect(terminalControls(tap)).toEqual([]);
  });

  test('bails out when nothing was run', () => {
    expect(toTap(empty)).toContain('Bail out!');
    expect(toTap(all)).not.toContain('Bail out!');
  });
});

describe('GitHub annotations', () => {
  test('are errors for failures, a warning for SHOULD, a notice for the expected', () => {
    const kinds = toGitHub(all)
      .trim()
      .split('\n')
      .map((line) => /^::(\w+) /.exec(line)?.[1]);
    expect(kinds.sort()).toEqual(['error', 'error', 'error', 'notice', 'warning']);
    expect(toGitHub(empty)).toContain('::error ');
    expect(toGitHub(makeDocument([cell()]))).toBe('');
  });

  test('cannot be forged by a line break or a separator in the text', () => {
    const lines = toGitHub(bad).trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    for (const line of lines) {
      expect(line).toMatch(/^::(error|notice) (file=[^:,]*,line=7,)?title=[^:,]*::/);
      expect(line).not.toMatch(/%(?!25|0A|0D|3A|2C)/);
    }
    expect(terminalControls(toGitHub(bad))).toEqual([]);
  });
});

describe('SARIF', () => {
  interface Log {
    version: string;
    runs: {
      tool: { driver: { rules: { id: string; helpUri?: string }[] } };
      invocations: { executionSuccessful: boolean; toolExecutionNotifications: unknown[] }[];
      results: {
        ruleId: string;
        ruleIndex: number;
        level: string;
        message: { text: string };
        suppressions?: unknown[];
      }[];
    }[];
  }
  const read = (text: string): Log['runs'][number] => {
    const log: Log = JSON.parse(text);
    expect(log.version).toBe('2.1.0');
    return log.runs[0] ?? expect.fail('no run');
  };

  test('has a result a finding, each pointing at its rule; the expected one is suppressed', () => {
    const run = read(toSarif(all, { docsBase: 'https://example.org/', version: '1.2.3' }));
    expect(run.results).toHaveLength(4);
    for (const result of run.results) expect(run.tool.driver.rules[result.ruleIndex]?.id).toBe(result.ruleId);
    expect(run.results.filter((result) => result.suppressions !== undefined)).toHaveLength(1);
    expect(run.results.map((result) => result.level).sort()).toEqual(['error', 'error', 'error', 'warning']);
    expect(run.invocations[0]?.toolExecutionNotifications).toHaveLength(1);
    expect(run.tool.driver.rules[0]?.helpUri).toBe('https://example.org/docs/rules/engine-deadlock.md');
  });

  test('of a run that proved nothing is no success', () => {
    expect(read(toSarif(empty)).invocations[0]?.executionSuccessful).toBe(false);
    expect(read(toSarif(makeDocument([cell()]))).invocations[0]?.executionSuccessful).toBe(true);
  });

  test('takes hostile text', () => {
    expect(read(toSarif(bad)).results.length).toBeGreaterThan(0);
    expect(terminalControls(toSarif(bad))).toEqual([]);
  });
});

describe('the badge', () => {
  test('says the worst thing first, and no pass where nothing was proved', () => {
    expect(toBadge(all)).toContain('3 failing');
    expect(toBadge(makeDocument([cell(), cell({ case: 'x', verdict: 'incomplete' })]))).toContain('1 incomplete');
    expect(toBadge(makeDocument([cell(), cell({ case: 'x', verdict: 'xfail' })]))).toContain('1 case proved, 1 known');
    expect(toBadge(empty)).toContain('nothing run');
  });

  test('is well-formed with any label', () => {
    expect(xmlElements(toBadge(all, hostile))).not.toContain('script');
  });
});

describe('the HTML page', () => {
  test('is well-formed, complete and loads nothing', () => {
    const page = toHtml(all, { witnesses: [witness] });
    const names = xmlElements(page);
    expect(names.filter((name) => name === 'svg')).toHaveLength(2);
    expect(names).not.toContain('script');
    expect(names).not.toContain('link');
    expect(names).not.toContain('img');
    expect(page).not.toMatch(/\b(?:src|href|action)="|url\((?!#)|@import/);
    expect(page).toContain('prefers-color-scheme: dark');
    expect(page).toContain(witness.replay);
    for (const member of deadlock.cycle ?? []) expect(page).toContain(member.backtrace[0]);
  });

  test('neutralises hostile text everywhere', () => {
    const finding = bad.results.find((result) => result.findings.length > 0)?.findings[0] ?? expect.fail('no finding');
    const steps = [{ task: 0, step: 0, text: hostile, backtrace: [hostile], note: hostile, waits: true }];
    const page = toHtml(bad, {
      title: hostile,
      docsBase: 'javascript:alert(1)',
      witnesses: [{ tasks: [hostile], steps, finding, replay: hostile }],
    });
    expect(xmlElements(page)).not.toContain('script');
    expect(terminalControls(page)).toEqual([]);
    expect(page).not.toMatch(/href=/);
  });
});

describe('graphs of a cycle', () => {
  test('have an arrow per wait, closed', () => {
    const dot = cycleToDot(deadlock.cycle ?? []);
    expect([...dot.matchAll(/(t\d) -> (t\d)/g)].map((match) => match[0])).toEqual(['t0 -> t1', 't1 -> t2', 't2 -> t0']);
    expect(dotStrings(dot)).toContain('reader');
    const mermaid = cycleToMermaid(deadlock.cycle ?? []);
    expect([...mermaid.matchAll(/(t\d) -->\|"[^"|]*"\| (t\d)/g)].map((match) => `${match[1]}${match[2]}`)).toEqual([
      't0t1',
      't1t2',
      't2t0',
    ]);
  });

  test('take hostile names', () => {
    const cycle = bad.results
      .flatMap((result) => result.findings)
      .flatMap((finding) => finding.cycle ?? [])
      .slice(0, 3);
    expect(dotStrings(cycleToDot(cycle))).toHaveLength(7);
    for (const line of cycleToMermaid(cycle).trim().split('\n').slice(1)) {
      expect(line).toMatch(/^ {2}t\d(\["[^"<>`|[\]]*"\]| -->\|"[^"<>`|[\]]*"\| t\d)$/);
    }
    expect(terminalControls(cycleToMermaid(cycle))).toEqual([]);
  });
});
