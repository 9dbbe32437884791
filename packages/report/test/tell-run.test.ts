import {
  createMutex,
  createWorld,
  explore,
  kernelFunction,
  lock,
  type Model,
  type Mutex,
  note,
  registerConstant,
  unlock,
} from '@faultpath/engine';
import type { FaultpathEvent } from '@faultpath/lockdep';
import { describe, expect, test } from 'vitest';
import { plainStyle, renderWitness, tellRun } from '../src/index.ts';
import { deadlock } from './sample.ts';

type WithoutTask<E> = E extends unknown ? Omit<E, 'task'> : never;

/** An event as a model makes it. */
function event(made: WithoutTask<FaultpathEvent>): unknown {
  return made;
}

function held(name: string, action: 'acquired' | 'release'): unknown {
  return event({ type: 'lock', action, lock: name, instance: `${name}:1`, mode: 'exclusive', kind: 'mutex' });
}

const mask = { how: 'recorded', text: 'GFP_KERNEL' } as const;

const take_both = kernelFunction('take_both', function* (alone: Mutex, first: Mutex, second: Mutex) {
  yield note('fault', event({ type: 'fault', action: 'enter', access: 'read' }));
  yield lock(alone, held('alone', 'acquired'));
  yield unlock(alone, held('alone', 'release'));
  yield lock(first, held(first.object.name, 'acquired'));
  yield note('alloc', event({ type: 'alloc', site: 'pte_alloc_one', requested: mask, effective: mask }));
  yield note('reclaim', event({ type: 'reclaim', action: 'enter', via: 'direct', effective: mask }));
  yield lock(second, held(second.object.name, 'acquired'));
  yield unlock(second, held(second.object.name, 'release'));
  yield unlock(first, held(first.object.name, 'release'));
  return 0;
});

/** Two tasks that take two locks in opposite order; before that each takes and drops a third. */
function crossing(): Model {
  const world = createWorld();
  const make = (name: string): Mutex =>
    registerConstant(createMutex(world, name, { lock: name, instance: `${name}:1` }));
  const [a, b, alone] = [make('A'), make('B'), make('alone')];
  return {
    name: 'crossing',
    world,
    threads: [
      { name: 'left', start: take_both(alone, a, b) },
      { name: 'right', start: take_both(alone, b, a) },
    ],
  };
}

describe('a run of the engine', () => {
  const run = explore(crossing()).deadlocks[0]?.witness ?? expect.fail('no deadlock');
  const witness = tellRun(run, deadlock, `faultpath replay x --schedule ${run.schedule}`);
  const of = (name: string): string[] => {
    const task = witness.tasks.indexOf(name);
    return witness.steps.filter((step) => step.task === task).map((step) => step.text);
  };

  test('is told by what lasts: what was dropped again is left out', () => {
    expect([...witness.tasks].sort()).toEqual(['left', 'right']);
    expect(of('left')).toEqual([
      'takes A of A:1',
      'allocates in pte_alloc_one',
      'enters reclaim (direct)',
      'waits for B of B:1',
    ]);
    expect(of('right')).toEqual([
      'takes B of B:1',
      'allocates in pte_alloc_one',
      'enters reclaim (direct)',
      'waits for A of A:1',
    ]);
  });

  test('ends where each task waits, at its backtrace', () => {
    const last = witness.steps.slice(-2);
    expect(last.map((step) => [step.waits, step.backtrace])).toEqual([
      [true, ['take_both']],
      [true, ['take_both']],
    ]);
    expect(witness.steps.map((step) => step.step)).toEqual(
      witness.steps.map((step) => step.step).sort((a, b) => a - b),
    );
    expect(renderWitness(witness, plainStyle)).toContain(run.schedule);
  });
});
