import { describe, expect, it } from 'vitest';
import { ClassGraph, circular, type Finding, startJudgement, TaskTracker, type Theory } from '../src/index.ts';
import { canDeadlock, dice, eventsOf, type Program, randomProgram } from './lock-programs.ts';

const programs = 6000;

function findingsOf(program: Program): readonly Finding[] {
  const judgement = startJudgement({ rules: [circular], provides: ['locks'], closedWorld: true });
  for (const event of eventsOf(program)) judgement.onEvent(event);
  return judgement.finish().findings;
}

describe('lockdep against exhaustive exploration of random lock programs', () => {
  const roll = dice(20161217);
  const judged = Array.from({ length: programs }, () => {
    const program = randomProgram(roll);
    return { program, real: canDeadlock(program), findings: findingsOf(program) };
  });

  it('misses no real deadlock', () => {
    const missed = judged.filter(({ real, findings }) => real && !findings.some(({ level }) => level === 'error'));
    expect(missed.map(({ program }) => JSON.stringify(program))).toEqual([]);
  });

  it('has a reason for every cycle that cannot deadlock', () => {
    const wrong = judged.filter(({ real, findings }) => !real && findings.some(({ level }) => level === 'error'));
    expect(wrong.map(({ program }) => JSON.stringify(program))).toEqual([]);
  });

  it('reports whatever the theory of the kernel reports', () => {
    const cycles = (program: Program, theory: Theory): number => {
      const graph = new ClassGraph({ theory });
      const tracker = new TaskTracker();
      for (const event of eventsOf(program)) {
        graph.onEvent(event, tracker.context(event.task));
        tracker.apply(event);
      }
      return graph.cycles.length;
    };
    const weaker = judged.filter(({ program }) => cycles(program, 'kernel') > 0 && cycles(program, 'faultpath') === 0);
    expect(weaker.map(({ program }) => JSON.stringify(program))).toEqual([]);
  });

  it('meets all kinds of programs', () => {
    const count = (test: (one: (typeof judged)[number]) => boolean): number => judged.filter(test).length;
    expect(count(({ real }) => real)).toBeGreaterThan(200);
    expect(count(({ findings }) => findings.length === 0)).toBeGreaterThan(200);
    const reasons = judged
      .flatMap(({ findings }) => findings.map(({ feasibility }) => feasibility))
      .flatMap((one) => (one?.verdict === 'infeasible' ? [one.why] : []));
    for (const reason of ['gate lock', 'single task', 'exclusively']) {
      expect(reasons.some((why) => why.includes(reason))).toBe(true);
    }
  });
});
