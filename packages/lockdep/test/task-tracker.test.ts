import { describe, expect, it } from 'vitest';
import { TaskTracker } from '../src/index.ts';
import { GFP_KERNEL, type Script, script } from './events.ts';

function after(source: Script): TaskTracker {
  const tracker = new TaskTracker();
  for (const event of source.events) tracker.apply(event);
  return tracker;
}

function held(source: Script, task = 'a'): string[] {
  return after(source)
    .context(task)
    .held.map(({ lock }) => lock);
}

describe('TaskTracker', () => {
  it('follows locks per task, oldest first', () => {
    const source = script().take('A').take('B').task('b').take('C').task('a').drop('A');
    expect(held(source)).toEqual(['B']);
    expect(held(source, 'b')).toEqual(['C']);
  });

  it('counts a wish as nothing held', () => {
    expect(held(script().want('A'))).toEqual([]);
  });

  it('ignores a release of what it did not see', () => {
    expect(held(script().drop('A').take('B'))).toEqual(['B']);
  });

  it('replaces an exclusive lock whose release was missed', () => {
    expect(held(script().take('A').take('A'))).toEqual(['A']);
    expect(held(script().readAgain('A').readAgain('A'))).toEqual(['A', 'A']);
  });

  it('lets another task unlock a folio, but not a mutex', () => {
    expect(held(script().take('f', { kind: 'folio' }).task('b').dropAs('f', 'folio'))).toEqual([]);
    expect(held(script().take('m').task('b').dropAs('m', 'mutex'))).toEqual(['m']);
  });

  it('knows nothing after lost events', () => {
    const tracker = after(script().take('A').scope('NOFS').reclaim('direct').fault().task('b').lost());
    expect(tracker.context('a')).toMatchObject({ held: [], scopes: [], inFault: false });
    expect(tracker.context('a').reclaim).toBeUndefined();
  });

  it('keeps the outermost entry into reclaim, and how much was held then', () => {
    const source = script().take('A').reclaim('direct').take('B').reclaim('shrinker');
    expect(after(source).context('a').reclaim).toEqual({ via: 'direct', effective: GFP_KERNEL, heldAtEntry: 1 });
    expect(after(source.reclaimed('shrinker').reclaimed()).context('a').reclaim).toBeUndefined();
  });

  it('nests scopes and faults', () => {
    const open = script().fault().fault().scope('NOFS').scope('NOFS').unscope('NOFS').ret();
    expect(after(open).context('a')).toMatchObject({ inFault: true, scopes: [{ scope: 'NOFS' }] });
    expect(after(open.ret().unscope('NOFS')).context('a')).toMatchObject({ inFault: false, scopes: [] });
  });
});
