import { describe, expect, test } from 'vitest';
import {
  boundsText,
  cases,
  type LargerBounds,
  parseBounds,
  planCells,
  replayCommand,
  runConformance,
  widenCase,
} from '../src/index.ts';
import { oneCell, tiny } from './tinyfs.ts';

const refusal = expect.objectContaining({ code: 'CONFORMANCE_BAD_BOUNDS' });
const setting = { fs: tiny, era: 'v6.1', policy: 'as-released' } as const;

function tasksOf(id: string, bounds: LargerBounds): readonly string[] {
  const subject = cases.find((each) => each.id === id);
  if (subject === undefined) throw new Error(`no case ${id}`);
  return widenCase(subject, bounds)
    .scenario(setting)
    .tasks.map((task) => `${task.kind}${'inode' in task ? ` ${task.inode}` : ''}`);
}

describe('larger bounds', () => {
  test('are read as the command line writes them', () => {
    expect(parseBounds(['truncates=2', 'faults=3'])).toEqual({ truncates: 2, faults: 3 });
    expect(boundsText(parseBounds(['truncates=2', 'faults=3']))).toBe('faults=3,truncates=2');
  });

  test.each([['faults'], ['faults=x'], ['faults=-3'], ['pages=3'], ['faults=1'], ['truncates=0'], ['files=9']])(
    'refuse %s',
    (word) => {
      expect(() => parseBounds([word])).toThrowError(refusal);
    },
  );

  test('refuse one bound twice, and from a program what the command line refuses', () => {
    expect(() => parseBounds(['faults=3', 'faults=4'])).toThrowError(refusal);
    const wrong = [{ faults: 1 }, { faults: 2.5 }, { pages: 3 } as LargerBounds];
    for (const bounds of wrong) expect(() => planCells({ adapters: [tiny], bounds })).toThrowError(refusal);
  });

  test('take the tasks of the case over again', () => {
    expect(tasksOf('dax/003', {})).toEqual(tasksOf('dax/003', { faults: 2, files: 2, truncates: 1 }));
    expect(tasksOf('dax/003', { faults: 4 }).slice(-2)).toEqual(['read-fault 0', 'write-fault 0']);
    expect(tasksOf('dax/003', { files: 4 }).slice(-2)).toEqual(['write-fault 2', 'write-fault 3']);
    expect(tasksOf('dax/007', { files: 3 }).at(-1)).toBe('read-fault 2');
  });

  test('leave a case without faults as it is', () => {
    expect(tasksOf('page/004', { faults: 4 })).toEqual(tasksOf('page/004', {}));
  });

  test('stand in every result, and another cell is another exploration', async () => {
    const ask = { ...oneCell, adapters: [tiny], case: ['dax/003'] };
    const [usual] = await runConformance(ask);
    const [larger] = await runConformance({ ...ask, bounds: { faults: 3, files: 3 } });
    expect(usual?.result).not.toHaveProperty('larger');
    expect(usual?.result.bounds).toMatchObject({ inodes: 2, pages: 2 });
    expect(larger?.result.larger).toBe('faults=3,files=3');
    expect(larger?.result.bounds).toMatchObject({ inodes: 3, pages: 3 });
    expect(larger?.result.bounds['tasks']).toBe((usual?.result.bounds['tasks'] ?? 0) + 2);
    expect(larger?.result.system).not.toBe(usual?.result.system);
    expect(larger?.result.states).toBeGreaterThan(usual?.result.states ?? 0);
  });

  test('are in the line that shows a schedule again', () => {
    const cell = { fs: 'tiny', era: 'v6.1', policy: 'core', case: 'dax/001' };
    expect(replayCommand(cell, 'v1:0')).not.toContain('--bounds');
    expect(replayCommand({ ...cell, larger: 'faults=3' }, 'v1:0')).toContain(' --bounds faults=3 ');
  });
});
