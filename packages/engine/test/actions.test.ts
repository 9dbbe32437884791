import { add, createWorld, when } from '@faultpath/engine';
import { expect, it } from 'vitest';
import { createActionTable } from '../src/actions.ts';
import type { SharedEffect, SharedGuard } from '../src/unfold.ts';

it('gives one number to what asks and does the same, whoever made the lists, and to nothing else', () => {
  const world = createWorld();
  const x = world.cell('x', 3);
  const y = world.cell('y', 3);
  const asks = (): readonly SharedGuard[] => [when(x, '>', 0) as SharedGuard];
  const does = (by: number): readonly SharedEffect[] => [add(y, by) as SharedEffect];
  const { intern, actions } = createActionTable();
  const guards = asks();
  const effects = does(1);
  const first = intern(guards, effects);
  expect(intern(guards, effects)).toBe(first);
  expect(intern(asks(), does(1))).toBe(first);
  const second = intern(guards, does(2));
  expect(second).not.toBe(first);
  // The list that came last with others must not stand for these.
  expect(intern(guards, effects)).toBe(first);
  expect(intern([], effects)).not.toBe(first);
  expect(actions.length).toBe(3);
});
