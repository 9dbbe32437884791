import { describe, expect, it } from 'vitest';
import { type Judgement, judge, type LockEvent, rules } from '../src/index.ts';
import { type Script, script } from './events.ts';

const judged = (source: Script): Promise<Judgement> => judge(source.events, { rules, provides: ['locks'] });

async function fired(source: Script): Promise<string[]> {
  const { findings } = await judged(source);
  return findings.filter(({ level }) => level !== 'note').map(({ rule }) => rule);
}

describe('the evidence of a cycle', () => {
  it('is told by both tasks, each with its own lines, where the second only repeats what the first did', async () => {
    const both = (source: Script, task: string): Script =>
      source.task(task).take('A').take('B').drop('B', 'A').take('B').take('A').drop('A', 'B');
    const lines = async (source: Script): Promise<readonly unknown[]> => {
      for (const [index, event] of source.events.entries()) Object.assign(event, { where: { line: index + 1 } });
      const [finding] = (await judged(source)).findings;
      return (finding?.because ?? []).map(({ task, where }) => [task, where?.line]);
    };
    expect(await lines(both(script(), 'a'))).toEqual([
      ['a', 6],
      ['a', 2],
    ]);
    expect(await lines(both(both(both(script(), 'a'), 'b'), 'c'))).toEqual([
      ['a', 6],
      ['b', 10],
    ]);
  });

  it('keeps kinds of filesystems apart whose locks have one name', async () => {
    const of = (filesystem?: string): Partial<LockEvent> => (filesystem === undefined ? {} : { filesystem });
    const orders = (first?: string, second?: string): Script =>
      script()
        .task('a')
        .take('invalidate_lock', of(first))
        .take('B')
        .drop('B', 'invalidate_lock')
        .task('b')
        .take('B')
        .take('invalidate_lock', of(second))
        .drop('invalidate_lock', 'B');
    expect(await fired(orders('xfs', 'xfs'))).toEqual(['lockdep/circular']);
    expect(await fired(orders('xfs', 'ext4'))).toEqual([]);
    const { findings } = await judged(orders('xfs', 'ext4'));
    expect(findings.map(({ feasibility }) => feasibility?.verdict)).toEqual(['infeasible']);
    // Whose lock it is may be unknown; and a third may be of the first's kind.
    expect(await fired(orders('xfs'))).toEqual(['lockdep/circular']);
    const third = orders('xfs', 'ext4').task('c').take('B').take('invalidate_lock', of('xfs'));
    expect(await fired(third)).toEqual(['lockdep/circular']);
  });
});
