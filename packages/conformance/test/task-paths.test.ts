import { choose, explore, kernelFunction } from '@faultpath/engine';
import { buildFaultModel, type Machine, memalloc_nofs_restore, memalloc_nofs_save } from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { cases } from '../src/cases/index.ts';
import { judgeModel } from '../src/judge-model.ts';
import { modelKnowledge, modelRules } from '../src/rules.ts';
import { taskPaths } from '../src/task-paths.ts';
import { misbehaving } from './broken-adapters.ts';
import { tiny } from './tinyfs.ts';

const subject = cases[0] ?? expect.fail('there is no case');
const explored = (fs = tiny) =>
  explore(buildFaultModel(subject.scenario({ fs, era: 'v6.1', policy: 'as-released' })), { all: true });

describe('paths of a task', () => {
  test('take every step that the exploration took, and each is a way from the start', () => {
    const exploration = explored();
    const taken = new Set([...exploration.walk()].map(({ edge }) => edge));
    const onPaths = new Set<unknown>();
    const starts = new Set([...exploration.prologues()].map(({ start }) => start));
    for (const { edges } of taskPaths(exploration)) {
      expect(edges.length === 0 || starts.has(edges[0]?.from as never)).toBe(true);
      for (const [index, { from, edge }] of edges.entries()) {
        onPaths.add(edge);
        expect(from.edges).toContain(edge);
        if (index > 0) expect(edges[index - 1]?.edge.to).toBe(from);
      }
    }
    expect(onPaths).toEqual(taken);
    expect(taken.size).toBeGreaterThan(20);
  });

  test('come for two of several identical tasks, and for every task by name', () => {
    const tasks = new Set([...taskPaths(explored())].map(({ task }) => task));
    expect(tasks).toEqual(new Set(['write-fault-0', 'write-fault-1', 'write-fault-2', 'kswapd0']));
  });

  test('end where a thread starts over, whatever it left behind', () => {
    const fs = misbehaving['opens a scope in reclaim and leaves it']?.fs;
    const paths = [...taskPaths(explored(fs))].filter(({ task }) => task === 'kswapd0');
    expect(paths.length).toBeGreaterThan(0);
    for (const { complete, startsOver } of paths) expect([complete, startsOver !== undefined]).toEqual([true, true]);
  });
});

describe('what a thread leaves behind when it starts over', () => {
  const leaks = (fs = tiny): readonly string[] => {
    const { findings } = judgeModel(explored(fs), { rules: modelRules, provides: modelKnowledge });
    return findings.flatMap(({ rule, claim }) => (rule === 'lock/leak' ? [claim] : []));
  };
  const forgetful = kernelFunction('forgetful', function* (env: Machine) {
    yield choose(2, 'something to do');
    yield memalloc_nofs_save(env, 'forgetful');
    return 0;
  });
  const tidy = kernelFunction('tidy', function* (env: Machine) {
    yield choose(2, 'something to do');
    const saved = yield memalloc_nofs_save(env, 'tidy');
    yield memalloc_nofs_restore(env, saved, 'tidy');
    return 0;
  });

  test('is a leak: a scope that a kernel thread forgets to close', () => {
    const [claim, ...more] = leaks({ ...tiny, threads: [{ name: 'worker', start: (env) => forgetful(env) }] });
    expect(claim).toContain('NOFS');
    expect(more).toEqual([]);
  });

  test('is nothing where it closes it', () => {
    expect(leaks({ ...tiny, threads: [{ name: 'worker', start: (env) => tidy(env) }] })).toEqual([]);
  });
});

describe('what a stuck task holds', () => {
  test('is the story of the deadlock, and no leak', () => {
    const exploration = explored(misbehaving['holds what reclaim needs']?.fs);
    expect(exploration.deadlocks.length).toBeGreaterThan(0);
    const { findings } = judgeModel(exploration, { rules: modelRules, provides: modelKnowledge });
    expect(findings.map(({ rule }) => rule)).not.toContain('lock/leak');
  });
});
